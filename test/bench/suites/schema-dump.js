import {spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {compare, goal, installed, node} from '../measure.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))

/** `schema:dump` of the Cruddur schema beside the installed pg_dump, which must be as new as the server. */
export default async function schemaDump(embedded) {
  if (!installed('pg_dump')) return console.log('\npg_dump is not installed: schema:dump is not compared with it.')
  const [, version] = / (\d+)/.exec(spawnSync('pg_dump', ['--version'], {encoding: 'utf8'}).stdout)
  // An older one refuses the embedded server: then SCHEMA_DUMP_URL has to name a database of another.
  const own = process.env.SCHEMA_DUMP_URL
  if (own === undefined && Number(version) < 18)
    return console.log(`\npg_dump ${version} cannot dump the embedded server: set SCHEMA_DUMP_URL to compare.`)
  const database = own ?? embedded.withDatabase('bench_schema_dump').toStringWithPassword()
  if (own === undefined) {
    for (const command of ['create', 'schema:load'])
      spawnSync(process.execPath, [program, command], {env: {PATH: process.env.PATH, CONNECTION_URL: database}})
  }
  const {hostname, port, username, password, pathname} = new URL(database)
  const pg = {PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: password, PGDATABASE: pathname.slice(1)}
  const ratios = compare('schema:dump beside pg_dump', 'pg_dump', {
    pg_dump: {program: 'pg_dump', args: ['--schema-only', '--no-owner', '--no-privileges'], env: pg},
    'schema:dump': node([program, 'schema:dump'], {CONNECTION_URL: database}),
  })
  goal('schema:dump, loopback, of pg_dump', ratios['schema:dump'], 4)
}
