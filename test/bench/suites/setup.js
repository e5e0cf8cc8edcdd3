import {fileURLToPath} from 'node:url'
import {compare, goal, installed, node, shell} from '../measure.js'
import {throughProxy} from '../slow-network.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const sql = fileURLToPath(new URL('../../../sql', import.meta.url))
const psql = 'psql -X -q -v ON_ERROR_STOP=1'

/** `setup` beside four psql calls, and beside dbmate where it is there, that do the same. */
export default async function setup(url) {
  if (!installed('psql')) return console.log('\npsql is not installed: setup is not compared with it.')
  const near = beside('setup', url)
  goal('setup, loopback, of four psql calls', near.setup / near['four psql calls'], 1.25)
  await throughProxy(url, 10, (slow) => {
    const far = beside('setup over a 20 ms round trip', slow)
    goal('setup, 20 ms, of four psql calls', far.setup / far['four psql calls'], 0.65)
    if (far.dbmate !== undefined) goal('setup, 20 ms, of dbmate', far.setup / far.dbmate, 1.1)
  })
}

function beside(title, url) {
  const {host, port} = url.primary
  const pg = {PGHOST: host, PGPORT: String(port), PGUSER: url.user, PGPASSWORD: url.password, SQL: sql}
  const dbmate = {
    ...pg,
    DATABASE_URL: `${url.withDatabase('bench_dbmate').toStringWithPassword()}?sslmode=disable`,
    DBMATE_SCHEMA_FILE: `${sql}/schema.sql`,
  }
  return compare(title, 'four psql calls', {
    'four psql calls': shell(
      `${psql} -d postgres -c 'drop database if exists bench_psql' 2>&1
       ${psql} -d postgres -c 'create database bench_psql'
       ${psql} -d bench_psql -f "$SQL/schema.sql" 2>&1
       ${psql} -d bench_psql -f "$SQL/seed.sql"`,
      pg,
    ),
    setup: node([program, 'setup'], {CONNECTION_URL: url.withDatabase('bench_setup').toStringWithPassword()}),
    ...(installed('dbmate')
      ? {dbmate: shell(`dbmate drop; dbmate create; dbmate load; ${psql} -d bench_dbmate -f "$SQL/seed.sql"`, dbmate)}
      : {}),
  })
}
