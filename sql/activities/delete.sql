-- Deletes an activity, and with it the replies to it, if it is its author who asks.
delete from activities
using users
where activities.uuid = :uuid and users.uuid = activities.user_uuid and lower(users.handle) = lower(:handle)
returning activities.uuid
