import {describe, expect, it} from 'vitest'
import {lossyStatement} from '../../src/lib/shell/loss-question.js'

describe('a statement that may take more rows than was meant', () => {
  it.each([
    ['drop table a, s."B c" cascade', 'DROP TABLE', ['a', 's."B c"']],
    ['DROP TABLE IF EXISTS a', 'DROP TABLE', ['a']],
    ['drop index i', 'DROP INDEX', []],
    ['drop schema s cascade', 'DROP SCHEMA', []],
    ['truncate a, only b', 'TRUNCATE', ['a', 'b']],
    ['truncate table a restart identity', 'TRUNCATE', ['a']],
    ['delete from a', 'DELETE without WHERE', ['a']],
    ['delete from only a returning *', 'DELETE without WHERE', ['a']],
    ['-- all\nupdate s.a as x set n = 1', 'UPDATE without WHERE', ['s.a']],
    ['with gone as (delete from a returning *) select * from gone', 'DELETE without WHERE', ['a']],
    ['with x as (select 1) update a set n = 1', 'UPDATE without WHERE', ['a']],
    ['select 1; drop table a;', 'DROP TABLE', ['a']],
    ['delete from a; select 1 where true', 'DELETE without WHERE', ['a']],
    ['explain analyze delete from a', 'DELETE without WHERE', ['a']],
    ["delete from a; select 'where'", 'DELETE without WHERE', ['a']],
  ])('%s', (statement, what, tables) => {
    expect(lossyStatement(statement, true)).toEqual({what, tables})
  })

  it.each([
    'delete from a where n = 1',
    'update a set n = 1 where current of c',
    'select * from a for update',
    'create table a (n int references b on delete cascade on update cascade)',
    'insert into a values (1) on conflict do nothing',
    "select 'drop table a'",
    'create trigger t before update or delete on a execute function f()',
    'grant update, delete on a to b',
    '',
  ])('is not: %s', (statement) => {
    expect(lossyStatement(statement, true)).toBeUndefined()
  })
})
