-- The tables of your database. To make a new database from this file and sql/seed.sql:
--   cruddur-db setup
-- It builds the new one completely before it takes the place of the old one, so no DROP is needed here. On local the old
-- one is kept: cruddur-db undo swaps it back. To run this file on a database that is there already:
--   cruddur-db schema:load

create table authors (
  id bigint generated always as identity primary key,
  name text not null check (name <> ''),
  email text not null unique,
  created_at timestamptz not null default now()
);

create table posts (
  id bigint generated always as identity primary key,
  author_id bigint not null references authors (id) on delete cascade,
  title text not null,
  body text not null default '',
  created_at timestamptz not null default now()
);

-- An author's posts, and the cascade from authors.
create index posts_author_id_idx on posts (author_id);
