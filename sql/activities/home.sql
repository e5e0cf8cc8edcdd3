-- The home page: the newest :limit activities that have not expired. A page starts after the last activity of the page
-- before (keyset pagination); for the first page the start is infinity. The inner limit is the maximum of :limit, so that
-- the planner expects few rows when it plans for any :limit.
select page.*
from (
  select
    activities.uuid, users.display_name, users.handle, activities.message,
    activities.replies_count, activities.reposts_count, activities.likes_count,
    activities.reply_to_activity_uuid, activities.expires_at, activities.created_at
  from activities join users on users.uuid = activities.user_uuid
  where (activities.created_at, activities.uuid) < (
      coalesce(:before_created_at, 'infinity'::timestamptz),
      coalesce(:before_uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
    )
    and (activities.expires_at is null or activities.expires_at > now())
  order by activities.created_at desc, activities.uuid desc
  limit 100
) as page
limit :limit
