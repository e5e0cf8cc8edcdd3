insert into users (display_name, handle, email, cognito_user_id)
values (:display_name, :handle, :email, :cognito_user_id)
returning uuid, display_name, handle, email, cognito_user_id, created_at
