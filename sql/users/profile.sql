-- The profile page: the user without the email address, the number of their visible activities, and the newest :limit of
-- them in the form of the home page.
select
  users.uuid, users.display_name, users.handle, users.created_at,
  (
    select count(*) from activities
    where user_uuid = users.uuid and (expires_at is null or expires_at > now())
  ) as activities_count,
  (
    select coalesce(json_agg(page), '[]')
    from (
      select
        activities.uuid, users.display_name, users.handle, message,
        replies_count, reposts_count, likes_count,
        reply_to_activity_uuid, expires_at, activities.created_at
      from activities
      where user_uuid = users.uuid and (expires_at is null or expires_at > now())
      order by activities.created_at desc, activities.uuid desc
      limit :limit
    ) as page
  ) as activities
from users
where lower(handle) = lower(:handle)
