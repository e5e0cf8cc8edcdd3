-- Stores an activity, or a reply to the activity :reply_to, and returns it in the form of the home page. If the user does
-- not exist, or :reply_to does not exist or has expired, it stores nothing. The trigger count_replies counts replies.
with written as (
  insert into activities (user_uuid, message, expires_at, reply_to_activity_uuid)
  select users.uuid, :message, now() + make_interval(hours => :hours), parent.uuid
  from users
  left join activities as parent
    on parent.uuid = :reply_to and (parent.expires_at is null or parent.expires_at > now())
  where lower(users.handle) = lower(:handle) and (:reply_to::uuid is null or parent.uuid is not null)
  returning *
)
select
  written.uuid, users.display_name, users.handle, written.message,
  written.replies_count, written.reposts_count, written.likes_count,
  written.reply_to_activity_uuid, written.expires_at, written.created_at
from written join users on users.uuid = written.user_uuid
