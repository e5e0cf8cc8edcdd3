-- Deletes an activity and the replies to it, if :handle is its author.
delete from activities
using users
where activities.uuid = :uuid and users.uuid = activities.user_uuid and lower(users.handle) = lower(:handle)
returning activities.uuid
