-- Why a write on an activity, or as a user, found nothing: what is there of the two.
select
  exists (select from users where lower(handle) = lower(:handle)) as user_found,
  exists (
    select from activities where uuid = :uuid and (expires_at is null or expires_at > now())
  ) as activity_found
