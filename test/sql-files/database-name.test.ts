import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {DatabaseRename, placeBefore} from '../../src/lib/sql-files/database-name.js'
import type {BufferPiece} from '../../src/lib/sql-text/pieces.js'
import {SqlSplitter} from '../../src/lib/sql-text/splitter.js'

const built = {name: 'shop', builtAs: 'shop_new'}

/** The text as it is sent: each statement as the rename makes it, everything else as it is. */
function sent(text: string, database = built): string {
  const rename = new DatabaseRename(database)
  const splitter = new SqlSplitter({file: 'a.sql'})
  const pieces = [...splitter.push(Buffer.from(text)), ...splitter.end()]
  const one = (piece: BufferPiece): Buffer =>
    (piece.kind === 'statement' ? rename.rewrite(piece)?.piece.bytes : undefined) ?? piece.bytes
  return Buffer.concat(pieces.map(one)).toString()
}

describe('what names the database acts on the one being built', () => {
  it.each([
    ["ALTER DATABASE shop SET work_mem = '8MB';", `ALTER DATABASE "shop_new" SET work_mem = '8MB';`],
    ['alter database SHOP owner to x', 'alter database "shop_new" owner to x'],
    ['ALTER DATABASE "shop" RENAME TO "shop_old";', 'ALTER DATABASE "shop_new" RENAME TO "shop_old";'],
    [
      "COMMENT /* on */ ON -- the\n DATABASE/**/shop/**/IS 'shop';",
      'COMMENT /* on */ ON -- the\n DATABASE/**/"shop_new"/**/IS \'shop\';',
    ],
    [
      'grant connect, temp on database other, shop, "shop" to r, shop;',
      'grant connect, temp on database other, "shop_new", "shop_new" to r, shop;',
    ],
    ['revoke all privileges on database shop from public', 'revoke all privileges on database "shop_new" from public'],
    ["security label on database shop is 'x';", `security label on database "shop_new" is 'x';`],
    ["security label for p on database shop is 'x';", `security label for p on database "shop_new" is 'x';`],
    ['alter role shop in database shop set a = 1;', 'alter role shop in database "shop_new" set a = 1;'],
    ['alter user all in database shop reset all;', 'alter user all in database "shop_new" reset all;'],
    ['drop database if exists shop;', 'drop database if exists "shop_new";'],
    ['drop database shop with (force);', 'drop database "shop_new" with (force);'],
    ['create database shop;', 'create database "shop_new";'],
    ['create database x with owner y template = shop;', 'create database x with owner y template = "shop_new";'],
    ['reindex (verbose) database concurrently shop;', 'reindex (verbose) database concurrently "shop_new";'],
    [
      '/* first */ do $$ begin alter database shop set a = 1; end $$;',
      '/* first */ do $$ begin alter database "shop_new" set a = 1; end $$;',
    ],
    [
      "do language plpgsql $x$ begin if true then grant create on database shop to r; end if; execute 'comment on database shop is ''shop''; drop database \"shop\"'; end $x$",
      'do language plpgsql $x$ begin if true then grant create on database "shop_new" to r; end if; execute \'comment on database "shop_new" is \'\'shop\'\'; drop database "shop_new"\'; end $x$',
    ],
    [
      "do 'begin execute ''alter database shop set a = 1''; end'",
      "do 'begin execute ''alter database \"shop_new\" set a = 1''; end'",
    ],
    [
      "do E'begin\\n alter database shop set a = \\'1\\'; end'",
      `do E'begin\\n alter database "shop_new" set a = \\'1\\'; end'`,
    ],
    [
      'do $$ declare s text := $q$alter database shop set a = 1$q$; begin execute s; end $$',
      'do $$ declare s text := $q$alter database "shop_new" set a = 1$q$; begin execute s; end $$',
    ],
  ])('%s', (text, expected) => {
    expect(sent(text)).toBe(expected)
  })

  it('whatever its name is', () => {
    const database = {name: `Grüße "it's" \\`, builtAs: `Grüße "it's" \\_new`}
    expect(sent(`alter database "Grüße ""it's"" \\" set a = 1`, database)).toBe(
      `alter database "Grüße ""it's"" \\_new" set a = 1`,
    )
    expect(sent(`do $$ begin execute 'drop database "Grüße ""it''s"" \\"'; end $$`, database)).toBe(
      `do $$ begin execute 'drop database "Grüße ""it''s"" \\_new"'; end $$`,
    )
    expect(sent(`do e'begin drop database "Grüße ""it\\'s"" \\\\"; end'`, database)).toBe(
      `do e'begin drop database "Grüße ""it''s"" \\\\_new"; end'`,
    )
    expect(sent('alter database grüße set a = 1', database)).toBe('alter database grüße set a = 1')
  })
})

describe('what does not name it stays as it is', () => {
  it.each([
    ["alter database shops set a = 'shop';"],
    ['alter database "Shop" set a = 1;'],
    ['alter table shop rename to database;'],
    ['grant select on database to shop;'],
    ['grant select on shop to r;'],
    ['grant usage on schema shop to r;'],
    ["comment on table shop is 'alter database shop set a = 1';"],
    ["select 'alter database shop set a = 1';"],
    ['-- alter database shop set a = 1\nselect 1;'],
    ['create function f() returns void language plpgsql as $$ begin alter database shop set a = 1; end $$;'],
    ['create function f() returns void begin atomic select 1; drop database shop; end;'],
    ["do $$ begin raise notice 'drop database shop'; execute 'select 1'; end $$;"],
    ["do $$ begin insert into log values ('drop database shop'); end $$;"],
    ['do $$ begin /* drop database shop */ null; -- drop database shop\n end $$;'],
    ["do language plpython3u $$ plpy.execute('drop database shop') $$;"],
    ['copy t from stdin;\nalter database shop set a = 1;\n\\.\n'],
  ])('%s', (text) => {
    expect(sent(text)).toBe(text)
  })

  const token = fc.constantFrom(
    ...[
      'select',
      'alter',
      'comment',
      'create',
      'do',
      'drop',
      'grant',
      'reindex',
      'revoke',
      'security',
      'label',
      'on',
      'in',
      'role',
      'database',
      'system',
      'execute',
      'language',
    ],
    ...[
      ' ',
      '\n',
      ';',
      ',',
      '(',
      ')',
      '"',
      "'",
      "''",
      "E'",
      '$$',
      '$a$',
      '/*',
      '*/',
      '--',
      '\\',
      'ä',
      '😀',
      'if exists',
      'template',
      'other',
      '"other"',
      '1e5',
      'shops',
      'x.shop_',
      '"Shop"',
    ],
  )
  const script = fc.array(token, {maxLength: 60}).map((tokens) => tokens.join(' '))
  const cut = (text: string): string | undefined => {
    try {
      return sent(text)
    } catch {
      return undefined
    }
  }

  it('whatever a file has in it', () => {
    fc.assert(
      fc.property(script, (text) => [undefined, text].includes(cut(text))),
      {numRuns: 5000},
    )
  })
})

it('a place in what is sent is the same place in the file', () => {
  const text = 'do $$ begin grant create on database SHOP, shop to r; nope; end $$'
  const splitter = new SqlSplitter({file: 'a.sql'})
  const [piece] = [...splitter.push(Buffer.from(`\n ${text}`)), ...splitter.end()]
  const rewritten = new DatabaseRename(built).rewrite(piece!)!
  const after = rewritten.piece.bytes
  for (const word of ['grant', 'to r', 'nope', 'end'])
    expect(placeBefore(rewritten.edits, after.indexOf(word))).toBe(piece!.bytes.indexOf(word))
  expect(placeBefore(rewritten.edits, after.indexOf('"shop_new"'))).toBe(piece!.bytes.indexOf('SHOP'))
  expect(placeBefore(rewritten.edits, after.lastIndexOf('new"'))).toBe(piece!.bytes.indexOf('shop to'))
  expect(placeBefore(rewritten.edits, after.length)).toBe(piece!.length)
})
