import {execa} from 'execa'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {makeSchemaDatabases, schemaOf} from '../dumps/support/schema-databases.js'
import {ask} from '../support/databases.js'
import {type OwnServer, startOwnServer} from '../support/own-server.js'
import {pgDump, programs} from './programs.js'

let server: OwnServer
let names: string[] = []

beforeAll(async () => {
  server = await startOwnServer({programs, settings: {wal_level: 'logical'}})
  const [row] = await ask<{major: number}>(
    server.url('postgres'),
    "select current_setting('server_version_num')::int / 10000 as major",
  )
  names = await makeSchemaDatabases({major: row?.major ?? 0, url: server.url}, 'kinds')
})
afterAll(() => server.stop())

/** The lines of the installed pg_dump that ours leaves out, or says as later versions of it do. */
function asOurs(text: string): string {
  return `${text
    .replace(/^\\restrict .*\n\n?/m, '')
    .replaceAll(/^-- Dumped .* version .*\n/gm, '')
    .replace(/\n\\unrestrict .*\n*$/, '')
    .replace('--\n\n\nSET', '--\n\nSET')
    .replace('SET transaction_timeout = 0;\n', '')
    // Since 16.
    .replaceAll(/^ALTER FOREIGN TABLE (?!ONLY )(.* ALTER COLUMN .* OPTIONS)/gm, 'ALTER FOREIGN TABLE ONLY $1')
    // Since 16, with one space.
    .replaceAll(/^(ALTER DEFAULT PRIVILEGES .*) {2}TO /gm, '$1 TO ')
    .trimEnd()}\n`
}

/** Until 15, pg_dump changes the owner of everything that is like a table by ALTER TABLE. */
const sameOwners = (text: string): string =>
  text.replaceAll(/^ALTER (?:MATERIALIZED VIEW|VIEW|SEQUENCE|FOREIGN TABLE) (.* OWNER TO)/gm, 'ALTER TABLE $1')

it('the schema is what the installed pg_dump writes, for every kind of object', async () => {
  for (const name of names) {
    for (const owners of [false, true]) {
      const args = ['--schema-only', ...(owners ? [] : ['--no-owner', '--no-privileges']), server.url(name)]
      const [ours, {stdout}] = await Promise.all([schemaOf(server.url(name), {owners}), execa(pgDump, args)])
      expect(sameOwners(ours), name).toBe(sameOwners(asOurs(stdout)))
    }
  }
})
