import {describe, expect, it} from 'vitest'
import {CruddurError} from '../../src/lib/errors.js'
import {type SplitterOptions, SqlSplitter} from '../../src/lib/sql-text/splitter.js'
import {split, text} from '../support/split.js'

/** The statements of a script, each without what is before it. */
const statements = (sql: string, options: Partial<SplitterOptions> = {}) =>
  split(Buffer.from(sql), [], options)
    .filter(({kind}) => kind === 'statement')
    .map(text)

function fault(bytes: Buffer | string, cuts: number[] = []): CruddurError {
  try {
    split(Buffer.from(bytes), cuts)
  } catch (error) {
    if (error instanceof CruddurError) return error
    throw error
  }
  throw new Error('no error')
}

describe('statements end where psql ends them', () => {
  it.each([
    ['two on a line', 'select 1; select 2;', ['select 1;', 'select 2;']],
    ['the last without its semicolon', 'select 1;\nselect 2\n', ['select 1;', 'select 2\n']],
    ['single quotes', "select ';''; '; select 2;", ["select ';''; ';", 'select 2;']],
    ['a backslash in a standard string', "select '\\'; select 2;", ["select '\\';", 'select 2;']],
    ["E''", "select E'a\\'; b', e'\\\\'; select 2;", ["select E'a\\'; b', e'\\\\';", 'select 2;']],
    [
      "E'' that goes on in the next line",
      "select E'a'\n-- and\n  '\\';b'; select 2;",
      ["select E'a'\n-- and\n  '\\';b';", 'select 2;'],
    ],
    ["a string after an E'' on its line", "select E'a' 'b\\'; select 2;", ["select E'a' 'b\\';", 'select 2;']],
    ['an identifier that ends in e', "select foe'\\'; select 2;", ["select foe'\\';", 'select 2;']],
    [
      'U&\'\' and U&""',
      'select U&\'\\0061;\', u&"\\0061;"; select 2;',
      ['select U&\'\\0061;\', u&"\\0061;";', 'select 2;'],
    ],
    ["B'', X'' and N''", "select B'1;', x'f;', n';'; select 2;", ["select B'1;', x'f;', n';';", 'select 2;']],
    ['quoted identifiers', 'select 1 as "a;""b;"; select 2;', ['select 1 as "a;""b;";', 'select 2;']],
    ['dollar quotes', 'select $$;$$, $a$ $b$;$a$; select 2;', ['select $$;$$, $a$ $b$;$a$;', 'select 2;']],
    ['a tag inside its like', 'select $x$;$xx$;$$;$x$; select 2;', ['select $x$;$xx$;$$;$x$;', 'select 2;']],
    ['a dollar within an identifier', 'select a$b$; select c$b$;', ['select a$b$;', 'select c$b$;']],
    ['parameters', 'prepare p as select $1; select $2;', ['prepare p as select $1;', 'select $2;']],
    ['a tag of non-ASCII letters', 'select $ä$;$ä$; select 2;', ['select $ä$;$ä$;', 'select 2;']],
    ['line comments', '-- a; b\nselect 1 -- c; d\n; select 2;', ['select 1 -- c; d\n;', 'select 2;']],
    ['a line comment ended by a carriage return', '-- a; b\rselect 1;', ['select 1;']],
    ['nested comments', 'select /* a; /* b; */ c; */ 1; select 2;', ['select /* a; /* b; */ c; */ 1;', 'select 2;']],
    ['/*/ is no whole comment', 'select /*/;*/ 1; select 2;', ['select /*/;*/ 1;', 'select 2;']],
    [
      'a comment within an operator',
      'select 1 +/*;*/ 2; select 3 *-- ;\n 4;',
      ['select 1 +/*;*/ 2;', 'select 3 *-- ;\n 4;'],
    ],
    [
      'parentheses',
      'create rule r as on insert to t do (select 1; select 2); select 3;',
      ['create rule r as on insert to t do (select 1; select 2);', 'select 3;'],
    ],
    ['a closing parenthesis too many', 'select 1); select 2;', ['select 1);', 'select 2;']],
    ['semicolons with nothing before them', ';; select 1;;', ['select 1;']],
    ['exponents', 'select 1e5, 1.5E-3, 1..2; select 2;', ['select 1e5, 1.5E-3, 1..2;', 'select 2;']],
    ['carriage returns', 'select 1;\r\nselect 2;\r\n', ['select 1;', 'select 2;']],
  ])('%s', (_, sql, expected) => {
    expect(statements(sql)).toEqual(expected)
  })

  const body = `BEGIN ATOMIC
  SELECT CASE WHEN a THEN 1 ELSE 2 END;
  SELECT (SELECT CASE a WHEN 1 THEN 2 END); -- end;
END;`
  it.each(['CREATE FUNCTION f(a int) RETURNS int', 'create or replace procedure p(begin int)'])(
    'keeps the body of %s',
    (head) => {
      expect(statements(`${head}\n${body} SELECT 1;`)).toEqual([`${head}\n${body}`, 'SELECT 1;'])
    },
  )

  it('takes BEGIN for a body only in a routine', () => {
    expect(
      statements('BEGIN; CREATE TABLE function (a int); END; CREATE VIEW begin AS SELECT 1; SELECT 2;'),
    ).toHaveLength(5)
  })

  it('follows standard_conforming_strings', () => {
    const sql =
      "set standard_conforming_strings = off;\nselect 'a\\';b';\nreset standard_conforming_strings;select '\\';select 2;"
    expect(statements(sql)).toEqual([
      'set standard_conforming_strings = off;',
      "select 'a\\';b';",
      'reset standard_conforming_strings;',
      "select '\\';",
      'select 2;',
    ])
    expect(statements("select 'a\\';b', b'\\';", {standardConformingStrings: false})).toEqual([
      "select 'a\\';b', b'\\';",
    ])
  })
})

describe('pieces', () => {
  it('tells what each is and where it begins', () => {
    const sql =
      '\ufeff-- head\ncopy t (a, "b") from stdin with (format csv); -- data\n1,"ä\n\\.x\n\\.\n  \\echo hi\nBEGIN;\nselect \'ä\'; select 2'
    const pieces = split(Buffer.from(sql))
    expect(
      pieces.map(({kind, statement, line, column, complete}) => [kind, statement, line, column, complete]),
    ).toEqual([
      ['blank', 'plain', 1, 2, true],
      ['statement', 'copy', 2, 1, true],
      ['blank', 'plain', 3, 1, true],
      ['copyData', 'plain', 3, 1, true],
      ['copyEnd', 'plain', 5, 1, true],
      ['psql', 'plain', 6, 3, true],
      ['statement', 'transaction', 7, 1, true],
      ['statement', 'plain', 8, 1, true],
      ['statement', 'plain', 8, 13, false],
    ])
    expect(pieces[3]?.bytes.toString()).toBe('1,"ä\n\\.x\n')
    expect(
      pieces.every(({offset, bytes}) =>
        Buffer.from(sql)
          .subarray(offset, offset + bytes.length)
          .equals(bytes),
      ),
    ).toBe(true)
  })

  it.each([
    ['commit', 'transaction'],
    ['start transaction read only', 'transaction'],
    ['rollback', 'transaction'],
    ['rollback work to savepoint a', 'plain'],
    ['savepoint a', 'plain'],
    ['prepare p as select 1', 'plain'],
    ["prepare transaction 'x'", 'transaction'],
    ["set client_encoding = 'LATIN1'", 'setting'],
    ['set search_path = a', 'plain'],
    ['copy t to stdout', 'plain'],
    ['copy (select 1 from stdin) to stdout', 'plain'],
    ["copy t from '/stdin'", 'plain'],
    ['copy "from" (stdin) FROM STDIN (freeze)', 'copy'],
    ['copy a.from from stdin', 'copy'],
  ])('%s: %s', (sql, expected) => {
    const splitter = new SqlSplitter({file: 'a.sql'})
    expect(splitter.push(Buffer.from(`${sql};`))[0]?.statement).toBe(expected)
  })

  it('finds a psql line wherever psql finds it, and that it is within a statement', () => {
    const kinds = (sql: string) => split(Buffer.from(sql)).map(({kind, complete}) => `${kind} ${complete}`)
    expect(kinds("select '\n\\i no\n', $$\n\\i no\n$$ /*\n\\i no\n*/ ; -- \\i no\n\\i yes")).toEqual([
      'statement true',
      'psql true',
    ])
    expect(kinds('select 1 (\n\\g\nselect 2;')).toEqual(['psql false', 'statement true'])
  })
})

describe('a file that cannot be run', () => {
  it.each([
    ["select 1;\n  select 'ab''c", 2, 10, 'quoted string'],
    ["select E'ab\\'", 1, 8, 'quoted string'],
    ['select "ab', 1, 8, 'quoted identifier'],
    ['/* a /* b */', 1, 1, 'comment'],
    ['do $body$ a $$;', 1, 4, 'dollar-quoted string'],
    ['select 1;\n copy t from stdin;\n1\n', 2, 2, 'COPY data'],
    ['copy t from stdin;', 1, 1, 'COPY data'],
  ])('says where it opened: %s', (sql, line, column, opening) => {
    expect(fault(sql)).toMatchObject({code: 'script_unterminated', details: {opening, place: {line, column}}})
  })

  it('finds a NUL byte', () => {
    expect(fault('select 1;\nselect \0')).toMatchObject({
      code: 'script_nul_byte',
      details: {place: {line: 2, column: 8}, byte: 17},
    })
  })

  it.each([
    ['a lone continuation byte', [0x61, 0x0a, 0x80], 2, 2],
    ['a surrogate', [0xed, 0xa0, 0x80], 1, 0],
    ['an overlong form', [0x0a, 0xc0, 0xaf], 2, 1],
    ['a character cut by the end', [0x61, 0xe2, 0x82], 1, 1],
    ['UTF-16', [0xff, 0xfe, 0x61, 0], 1, 0],
  ])('finds %s', (_, bytes, line, byte) => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(fault(Buffer.from(bytes), [cut])).toMatchObject({code: 'script_not_utf8', details: {place: {line}, byte}})
    }
  })

  it('says so of a statement on the line of a COPY', () => {
    expect(fault('copy t from stdin; select 1;\n1\n\\.\n')).toMatchObject({code: 'script_copy_line'})
  })
})
