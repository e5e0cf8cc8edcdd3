-- Rows for development. cruddur-db setup loads them into the new database after sql/schema.sql.

insert into authors (name, email) values
  ('Ada Okafor', 'ada@example.com'),
  ('Björn Larsen', 'bjorn@example.com');

insert into posts (author_id, title, body)
select authors.id, examples.title, examples.body
from (values
  ('ada@example.com', 'Hello', 'The first post.'),
  ('bjorn@example.com', 'Good morning from Bergen', 'Rain again.')
) as examples (email, title, body)
join authors using (email);
