import {expect} from 'vitest'
import {ask} from '../../support/databases.js'

/** The databases of somebody else on the server, whose names and comments claim to be ours. */
export interface Neighbors {
  names: readonly string[]
  /** Holds all but their rows against what they were. */
  expectUntouched(): Promise<void>
  /** Holds their rows against what they were. */
  expectWhole(): Promise<void>
}

/** A database of ours with its comment, for one that pretends. */
export interface Genuine {
  oid: number
  comment: string
}

/** Makes them beside the database `name`, under a role of their own that is no superuser; `genuine` is what they copy. */
export async function makeNeighbors(
  url: (database: string) => string,
  name: string,
  {undo, cache}: {undo: Genuine; cache: Genuine},
): Promise<Neighbors> {
  const role = `${name} neighbor`
  await ask(url('postgres'), `create role "${role}" login createdb password 'pw'`)
  const asRole = (database: string): string =>
    Object.assign(new URL(url(database)), {username: encodeURIComponent(role), password: 'pw'}).href
  const comments = hostile(name, undo, cache)
  for (const [database, comment] of comments) {
    await ask(asRole('postgres'), `create database "${database}"`)
    const [{oid} = {oid: 0}] = await ask<{oid: number}>(
      asRole('postgres'),
      'select oid from pg_database where datname = $1',
      [database],
    )
    const text = comment(oid).replaceAll("'", "''")
    await ask(
      asRole(database),
      `comment on database "${database}" is '${text}'; create table precious as select '${database}'::text as what`,
    )
  }

  const names = comments.map(([database]) => database)
  const look = (): Promise<object[]> =>
    ask(
      url('postgres'),
      `select oid, datname, datdba::regrole::text as owner, datallowconn, datconnlimit, datistemplate, datacl::text, shobj_description(oid, 'pg_database') as comment
       from pg_database where datname = any($1) order by datname`,
      [names],
    )
  const before = await look()
  return {
    names,
    expectUntouched: async () => expect(await look(), 'the databases of another project').toEqual(before),
    async expectWhole() {
      for (const what of names) expect(await ask(url(what), 'select what from precious')).toEqual([{what}])
    },
  }
}

/** Names with their comments, which may name the database's own number. */
function hostile(name: string, undo: Genuine, cache: Genuine): [string, (oid: number) => string][] {
  const mark = (state: string, more: object = {}): string =>
    `[cruddur-db ${JSON.stringify({state, of: name, at: '2026-01-01T00:00:00.000Z', ...more})}]`
  const forged = ({oid, comment}: Genuine, own: number): string => comment.replaceAll(String(oid), String(own))
  return [
    [`${name}_new`, () => mark('building')],
    [`${name}_undo`, () => mark('kept')],
    [`${name}_old`, () => mark('discard')],
    [`${name}_aside`, () => mark('aside')],
    [`${name}_discard`, () => `the team's "own" words\n${mark('discard')}\nand more of them`],
    [`${name}_new2`, (oid) => forged(undo, oid)],
    [`${name}_undo2`, () => undo.comment],
    [`${name}_undo3`, (oid) => forged(undo, oid)],
    [`${name}_old2`, () => `it's "quoted": '${undo.comment}'`],
    [`${name} of the neighbor`, (oid) => mark('aside', {oid})],
    [
      'cruddur_cache_0123456789abcdef',
      () => mark('cache', {key: '0123456789abcdef'.repeat(4), source: 'sql/schema.sql'}),
    ],
    ['cruddur_cache_fedcba9876543210', (oid) => forged(cache, oid)],
  ]
}
