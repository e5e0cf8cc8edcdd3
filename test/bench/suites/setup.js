import {fileURLToPath} from 'node:url'
import {compare, installed, node, shell} from '../measure.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const sql = fileURLToPath(new URL('../../../sql', import.meta.url))

/** Start-up beside bare node, and setup beside four psql calls that do the same. */
export default async function setup(url) {
  const env = {CONNECTION_URL: url.withDatabase('bench_setup').toStringWithPassword()}
  const commands = {
    'node -e 0': node(['-e', '0']),
    '--version': node([program, '--version']),
    '--help': node([program, '--help']),
    'create --help': node([program, 'create', '--help']),
    'unknown command': shell(`! ${JSON.stringify(process.execPath)} "$PROGRAM" dorp 2>&1`, {PROGRAM: program}),
    sessions: node([program, 'sessions'], {CONNECTION_URL: url.withDatabase('postgres').toStringWithPassword()}),
    setup: node([program, 'setup'], env),
  }
  compare('Start-up', 'node -e 0', commands)

  if (!installed('psql')) return console.log('\npsql is not installed: setup is not compared with it.')
  const {host, port} = url.primary
  const pg = {PGHOST: host, PGPORT: String(port), PGUSER: url.user, PGPASSWORD: url.password, SQL: sql}
  const psql = 'psql -X -q -v ON_ERROR_STOP=1'
  compare('setup beside psql', 'four psql calls', {
    'four psql calls': shell(
      `${psql} -d postgres -c 'drop database if exists bench_psql' 2>&1
       ${psql} -d postgres -c 'create database bench_psql'
       ${psql} -d bench_psql -f "$SQL/schema.sql" 2>&1
       ${psql} -d bench_psql -f "$SQL/seed.sql"`,
      pg,
    ),
    setup: commands.setup,
  })
}
