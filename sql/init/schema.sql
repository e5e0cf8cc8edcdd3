-- The tables of your database. To build a new database from this file and sql/seed.sql:
--   cruddur-db setup
-- setup builds a new database and then replaces the old one, so this file needs no DROP. On local, the old database is
-- kept: cruddur-db undo restores it. To run this file on an existing database:
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

-- For the posts of an author, and for the cascade from authors.
create index posts_author_id_idx on posts (author_id);
