-- Sample users and activities for a new development database.

insert into users (display_name, handle, email, cognito_user_id) values
  ('Ada Okafor', 'ada', 'ada@example.com', 'mock-ada'),
  ('Björn Larsen', 'bjorn', 'bjorn@example.com', 'mock-bjorn'),
  ('Chiara Ricci', 'chiara', 'chiara@example.com', 'mock-chiara');

insert into activities (user_uuid, message, likes_count, expires_at, created_at)
select users.uuid, posts.message, posts.likes, now() + posts.lives, now() - posts.age
from (values
  ('ada', 'First crud on the new server. It answers!', 3, interval '7 days', interval '3 hours'),
  ('bjorn', 'Good morning from Bergen: rain again ☔', 1, interval '1 day', interval '2 hours'),
  ('chiara', 'Does anyone have a good index for a home page?', 0, interval '30 days', interval '1 hour')
) as posts (handle, message, likes, lives, age)
join users using (handle);

insert into activities (user_uuid, message, reply_to_activity_uuid, expires_at)
select users.uuid, 'On (created_at desc, uuid desc), and page by keyset.', question.uuid, now() + interval '30 days'
from users, activities as question
where users.handle = 'ada' and question.message like 'Does anyone have a good index%';
