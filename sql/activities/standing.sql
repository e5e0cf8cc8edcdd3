-- Whether the user and the activity exist, to explain why a write found nothing.
select
  exists (select from users where lower(handle) = lower(:handle)) as user_found,
  exists (
    select from activities where uuid = :uuid and (expires_at is null or expires_at > now())
  ) as activity_found
