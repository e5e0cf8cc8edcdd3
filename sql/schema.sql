-- The tables of Cruddur: users and their activities.
-- Loading this file drops both tables with their rows and creates them again.

drop table if exists activities;
drop table if exists users;

create table users (
  uuid uuid primary key default gen_random_uuid(),
  display_name text not null check (length(trim(display_name)) > 0),
  handle text not null check (handle ~ '^[A-Za-z0-9_.-]{1,64}$'),
  email text not null,
  cognito_user_id text not null unique,
  created_at timestamptz not null default now()
);

-- Handles and email addresses are unique, regardless of case.
create unique index users_handle_key on users (lower(handle));
create unique index users_email_key on users (lower(email));

create table activities (
  uuid uuid primary key default gen_random_uuid(),
  user_uuid uuid not null references users (uuid) on delete cascade,
  message text not null check (length(message) > 0),
  replies_count integer not null default 0 check (replies_count >= 0),
  reposts_count integer not null default 0 check (reposts_count >= 0),
  likes_count integer not null default 0 check (likes_count >= 0),
  reply_to_activity_uuid uuid references activities (uuid) on delete cascade,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  check (expires_at > created_at)
);

-- For the home page, newest first.
create index activities_created_at_idx on activities (created_at desc, uuid desc);
-- For profiles and the cascade from users.
create index activities_user_uuid_idx on activities (user_uuid, created_at desc, uuid desc);
-- For threads and the cascade from the activity that is replied to.
create index activities_reply_to_idx on activities (reply_to_activity_uuid) where reply_to_activity_uuid is not null;
-- For the removal of expired activities.
create index activities_expires_at_idx on activities (expires_at) where expires_at is not null;

-- Keeps replies_count correct for every writer; concurrent replies to one activity wait for each other at its row.
create or replace function count_replies() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    update activities set replies_count = replies_count + 1 where uuid = new.reply_to_activity_uuid;
  else
    update activities set replies_count = replies_count - 1 where uuid = old.reply_to_activity_uuid;
  end if;
  return null;
end
$$;

create trigger count_new_reply after insert on activities
  for each row when (new.reply_to_activity_uuid is not null) execute function count_replies();
create trigger count_deleted_reply after delete on activities
  for each row when (old.reply_to_activity_uuid is not null) execute function count_replies();
