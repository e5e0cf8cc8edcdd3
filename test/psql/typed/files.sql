create table ct (a int, b text);
\copy ct from stdin
1	x
2	y
\.
\copy ct to 'ct.out'
\copy (select a, b from ct order by a desc) to stdout
\copy ct to stdout csv header
select * from ct order by a \g g.out
select * from ct order by a \g | sort -r
select * from ct order by a \gx | cat
\o oo.out
select * from ct order by 1;
\echo here
\qecho there
\o
select count(*) from ct;
\! cat ct.out g.out oo.out
select 1 as x, 'two' as y \gset
\echo :x :'y' :"y" :{?x} :{?z}
select 'select ' || n from generate_series(1, 2) n \gexec
\set v 5
select :v + 1 as six;
\if :{?v}
\echo yes
\else
\echo no
\endif
\unset v
\echo :v
select 7 as seven
\w w.out
;
\! cat w.out
\set QUIET on
create table q (a int);
\t
\set QUIET off
drop table q;
\x auto
select 1 as one;
\x off
help
;
select 1 as help;
\gx
\g
\gset
copy ct to stdout;
copy ct from stdin;
3	z
\.
table ct;
select e'a\tb' as tab, e'\x01' as ctl;
explain (costs off) select * from ct;
show work_mem;
select;
values (1, 'a'), (2, 'b');
begin; savepoint a; rollback to a; commit;
