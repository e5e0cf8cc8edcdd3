-- Changes the message of an activity that has not expired, if :handle is its author.
update activities
set message = :message
from users
where activities.uuid = :uuid and (activities.expires_at is null or activities.expires_at > now())
  and users.uuid = activities.user_uuid and lower(users.handle) = lower(:handle)
returning
  activities.uuid, users.display_name, users.handle, activities.message,
  activities.replies_count, activities.reposts_count, activities.likes_count,
  activities.reply_to_activity_uuid, activities.expires_at, activities.created_at
