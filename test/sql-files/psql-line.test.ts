import {describe, expect, it} from 'vitest'
import {parsePsqlLine} from '../../src/lib/sql-files/psql-line.js'

describe('a psql line', () => {
  it.each([
    ['\\restrict a1B\n', {kind: 'restrict', key: 'a1B'}],
    ['\\unrestrict a1B\r\n', {kind: 'unrestrict', key: 'a1B'}],
    ["\\i 'a file.sql'", {kind: 'include', path: 'a file.sql', relative: false}],
    ['\\include a.sql;', {kind: 'include', path: 'a.sql', relative: false}],
    ['\\ir ../b.sql \\\\', {kind: 'include', path: '../b.sql', relative: true}],
    ['\\include_relative b.sql', {kind: 'include', path: 'b.sql', relative: true}],
    ["\\echo a  'b ''c\\n' \"d e\" :f;", {kind: 'echo', text: 'a b \'c\n "d e" :f;'}],
    ['\\set ON_ERROR_STOP', {kind: 'stopOnError'}],
    ['\\set ON_ERROR_STOP 1', {kind: 'stopOnError'}],
    ['\\c', {kind: 'connect', database: undefined, user: undefined}],
    ['\\connect "My ""db""" - - -', {kind: 'connect', database: 'My "db"', user: undefined}],
    ["\\connect -reuse-previous=on \"dbname='it\\'s'\"", {kind: 'connect', database: "it's", user: undefined}],
    ["\\copy t from 'a b.csv'", {kind: 'copy', statement: 'COPY t FROM STDIN', path: 'a b.csv'}],
    [
      '\\copy "from" ("to", b) FROM f.csv with (format csv);',
      {kind: 'copy', statement: 'COPY "from" ("to", b) FROM STDIN with (format csv)', path: 'f.csv'},
    ],
  ])('%s', (line, expected) => {
    expect(parsePsqlLine(line)).toEqual(expected)
  })

  it.each([
    ['\\set ON_ERROR_STOP off', 'set', 'ON_ERROR_STOP on'],
    ['\\set x 1', 'set', 'Write the value'],
    ["\\copy t to 'f'", 'copy', 'COPY table FROM STDIN'],
    ['\\copy t from stdin', 'copy', 'COPY table FROM STDIN'],
    ["\\copy t from program 'x'", 'copy', 'COPY table FROM STDIN'],
    ['\\gexec', 'gexec', 'End the statement with ;'],
    ['\\if true', 'if', 'DO block'],
    ['\\! ls', '!', 'shell command'],
    ['\\dt', 'dt', 'only what psql prints'],
    ['\\;', ';', 'without the backslash'],
    ['\\echo a \\i b', 'echo', 'one psql command on a line'],
    ['\\echo `date`', 'echo', 'backquotes'],
    ["\\i 'open", 'i', 'close all quotes'],
    ['\\nonsense', 'nonsense', 'run the file with psql'],
  ])('%s is refused with what to do', (line, name, instead) => {
    expect(parsePsqlLine(line)).toMatchObject({
      kind: 'unsupported',
      name,
      instead: expect.stringContaining(instead) as string,
    })
  })
})
