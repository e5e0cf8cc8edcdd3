-- Whether a Cognito user has a row.
select exists (select from users where cognito_user_id = :cognito_user_id)
