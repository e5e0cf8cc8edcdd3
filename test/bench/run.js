// npm run bench [-- suite …]: runs the suites of test/bench/suites on Node 24, and those that depend most on Node on this
// machine's Node too. It is a bare environment: NODE_EXTRA_CA_CERTS alone adds 100 ms to each start of Node 20.
import {spawnSync} from 'node:child_process'
import {existsSync, readdirSync} from 'node:fs'
import {basename, delimiter, dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {fetchToolchains} from '../../scripts/toolchains.js'

const all = readdirSync(new URL('suites/', import.meta.url)).map((file) => basename(file, '.js'))
const chosen = process.argv.length > 2 ? process.argv.slice(2) : all
const runner = fileURLToPath(new URL('run-suites.js', import.meta.url))

const here = process.version.startsWith('v24.')
const node24 = here ? process.execPath : join(fetchToolchains(), 'node24', 'bin', 'node')
run(node24, chosen)
const ofNode = chosen.filter((name) => ['start', 'setup'].includes(name))
if (!here && ofNode.length > 0) run(process.execPath, ofNode)

function run(node, suites) {
  const PATH = [postgresPrograms(), dbmatePrograms(), process.env.PATH].filter(Boolean).join(delimiter)
  const {HOME, SCHEMA_DUMP_URL} = process.env
  const {status} = spawnSync(node, [runner, ...suites], {env: {PATH, HOME, SCHEMA_DUMP_URL}, stdio: 'inherit'})
  if (status !== 0) process.exit(status ?? 1)
}

/** The folder of the real psql: Debian's `psql` is a script in Perl around it, which takes four times as long. */
function postgresPrograms() {
  const {stdout = ''} = spawnSync('pg_config', ['--bindir'], {encoding: 'utf8'})
  return existsSync(join(stdout.trim(), 'psql')) ? stdout.trim() : undefined
}

/** The folder of dbmate, if the environment names its file or the toolchains have it. */
function dbmatePrograms() {
  const fetched = join(dirname(fileURLToPath(import.meta.url)), '../../node_modules/.cache/toolchains/node_modules')
  const file = process.env.DBMATE ?? join(fetched, 'dbmate', 'bin', 'dbmate')
  return existsSync(file) ? dirname(file) : undefined
}
