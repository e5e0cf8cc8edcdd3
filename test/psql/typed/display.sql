select 1/0;
\errverbose
select 1 as a, null as b, 'x' as c;
\pset border 2
select 1 as a, null as b, E'two\nlines' as c union all select 22, 'long text here', 'x' order by 1;
\pset border 0
select 1 as a, null as b, E'two\nlines' as c union all select 22, 'long text here', 'x' order by 1;
\x
select 1 as a, null as b, E'two\nlines' as c union all select 22, 'long text here', 'x' order by 1;
\pset border 2
select 1 as a, null as b, E'two\nlines' as c union all select 22, 'long text here', 'x' order by 1;
select 1 as a where false;
\t
select 1 as a, null as b, E'two\nlines' as c union all select 22, 'long text here', 'x' order by 1;
\pset border 1
select 1 as a, null as b, E'two\nlines' as c union all select 22, 'long text here', 'x' order by 1;
\pset border 0
select 1 as a, 2 as b union all select 3, 4 order by 1;
\x
select 1 as a, 2 as b union all select 3, 4 order by 1;
\pset border 2
select 1 as a, 2 as b union all select 3, 4 order by 1;
\a
select 1 as a, 2 as b union all select 3, 4 order by 1;
\x
select 1 as a, 2 as b union all select 3, 4 order by 1;
\t
select 1 as a, 2 as b union all select 3, 4 order by 1;
\x
select 1 as a, 2 as b union all select 3, 4 order by 1;
\pset format csv
select 1 as a, 'x,"y' as b union all select 3, E'a\nb' order by 1;
\x
select 1 as a, 'x,"y' as b union all select 3, E'a\nb' order by 1;
\x off
\pset format aligned
\pset border 1
\pset null '(null)'
select null;
\pset null
select 1;
\pset fieldsep ';'
\pset recordsep ' / '
\a
select 1, 2 union all select 3, 4 order by 1;
\a
\C 'A title'
select 1 as one;
\C
\timing off
select 'a
b' as x
\g
\p
\r
\p
select 1 as a, now() as b, 'x'::varchar(5) as c \gdesc
create table ct (a int);
\gdesc
select 2 as two \gx
insert into ct values (1), (2) returning *;
update ct set a = 3;
delete from ct;
select nope from ct;
select * from nosuchtable where aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = bbbbbbbbbbbbbbbbbbbbbbbbbbbb;
select 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', nope, 'yyyyyyyyyyyyyyyyyyyyyyyy' from ct;
do $$ begin raise exception 'no' using detail = 'd', hint = 'h'; end $$;
do $$ begin raise notice 'yes' using detail = 'd', hint = 'h'; end $$;
do $$ begin perform nope(); end $$;
\set VERBOSITY verbose
select 1/0;
\set VERBOSITY terse
select nope;
\set VERBOSITY default
\dt nosuch
\d nosuch
begin;
select 1/0;
select 1;
rollback;
\echo :ERROR :SQLSTATE :ROW_COUNT :LAST_ERROR_MESSAGE
