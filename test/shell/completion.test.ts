import {describe, expect, it} from 'vitest'
import {completeInput, type Name} from '../../src/lib/shell/completion.js'

const relation = (schema: string, name: string, columns: string[], visible = true): Name => ({
  schema,
  name,
  visible,
  columns,
})
const names = [
  relation('public', 'users', ['uuid', 'handle', 'Full Name']),
  relation('public', 'activities', ['uuid', 'message', 'user']),
  relation('public', 'My Table', ['größe']),
  relation('audit', 'log', ['at', 'who'], false),
  relation('pg_catalog', 'pg_class', ['oid', 'relname']),
]
const objects = {
  role: ['app', 'team', 'tester', '"Odd"'],
  database: ['shop', 'shop_old'],
  schema: ['public', 'audit'],
  available: ['pg_trgm', 'pgcrypto'],
  extension: ['plpgsql'],
  index: ['users_pkey'],
  type: ['text', 'timestamp with time zone', 'tint'],
  function: ['count', 'coalesce_all', 'lower'],
  setting: ['search_path', 'work_mem', 'statement_timeout'],
  channel: ['changes'],
  prepared: ['plan'],
}
const at = (text: string): [string[], string] => {
  const [before = '', after = ''] = text.split('|')
  return completeInput(before, after, names, objects)
}

describe('completion', () => {
  it.each<[string, string[], string]>([
    ['sel|', ['select'], 'sel'],
    ['create index on users (ha|', ['handle'], 'ha'],
    ['create table x (n int references users (ha|', ['handle'], 'ha'],
    ['drop role te|', ['team', 'tester'], 'te'],
    ['drop role team, te|', ['team', 'tester'], 'te'],
    ['drop role od|', ['"Odd"'], 'od'],
    ['grant select on users to ap|', ['app'], 'ap'],
    ['alter table users owner to ap|', ['app'], 'ap'],
    ['listen ch|', ['changes'], 'ch'],
    ['set wo|', ['work_mem'], 'wo'],
    ['show st|', ['statement_timeout'], 'st'],
    ['set search_path to pu|', ['public'], 'pu'],
    ['drop database sh|', ['shop', 'shop_old'], 'sh'],
    ['\\c sh|', ['shop', 'shop_old'], 'sh'],
    ['\\dn au|', ['audit'], 'au'],
    ['create extension if not exists pg|', ['pg_trgm', 'pgcrypto'], 'pg'],
    ['drop extension pl|', ['plpgsql'], 'pl'],
    ['drop index concurrently us|', ['users_pkey'], 'us'],
    ["select '1'::ti|", ['timestamp with time zone', 'tint'], 'ti'],
    ['execute pl|', ['plan'], 'pl'],
    ['select low| from users', ['lower('], 'low'],
    ['update users set ha|', ['handle', 'having'], 'ha'],
    ['SEL|', ['SELECT'], 'SEL'],
    ['select * from us|', ['users'], 'us'],
    ['select * from US|', ['users'], 'US'],
    ['select * from |', ['users', 'activities', '"My Table"', 'audit.log'], ''],
    ['select * from my|', ['"My Table"'], 'my'],
    ['select * from "My|', ['"My Table"'], '"My'],
    ['select * from users, ac|', ['activities'], 'ac'],
    ['select * from audit.|', ['audit.log'], 'audit.'],
    ['select * from aud|', ['audit.log'], 'aud'],
    ['select * from pg_cl|', ['pg_class'], 'pg_cl'],
    ['insert into ac|', ['activities'], 'ac'],
    ['select h| from users', ['handle', 'having'], 'h'],
    ['select u.| from users u', ['u.uuid', 'u.handle', 'u."Full Name"'], 'u.'],
    ['select u.h| from users as u', ['u.handle'], 'u.h'],
    ['select * from users where users.fu|', ['users."Full Name"'], 'users.fu'],
    ['select * from activities where us|', ['"user"', 'using'], 'us'],
    ['select "F| from users', ['"Full Name"'], '"F'],
    ['select gr| from "My Table"', ['"größe"', 'grant', 'group'], 'gr'],
    ['select a.w| from audit.log a', ['a.who'], 'a.w'],
    ['select 1; select * from us|', ['users'], 'us'],
    ["select 'sel|", [], ''],
    ['select /* sel|', [], ''],
    ['select $$ sel|', [], ''],
    ['\\ti|', ['\\timing'], '\\ti'],
    ['\\d us|', ['users'], 'us'],
    ['zzz|', [], 'zzz'],
  ])('of %j', (text, candidates, word) => {
    expect(at(text)).toEqual([candidates, word])
  })
})
