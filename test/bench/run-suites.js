// Runs the suites of test/bench/suites that are named, against an embedded server of their own.
import {chmodSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {ConnectionUrl} from '../../dist/index.js'
import {printGoals} from './measure.js'

const folder = new URL('suites/', import.meta.url)
const home = mkdtempSync(join(tmpdir(), 'cruddur-db-bench-'))
chmodSync(home, 0o755)
// What the suites make lies in it, too, and goes with it.
process.env.TMPDIR = home
process.on('exit', () => {
  server('stop')
  rmSync(home, {recursive: true, force: true})
})
// Ctrl-C would end the process without its exit handlers.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130))

console.log(`\nNode ${process.version}`)
const url = ConnectionUrl.parse(server('start', '--url').stdout.trim(), 'server:start')
for (const name of process.argv.slice(2)) await (await import(new URL(`${name}.js`, folder))).default(url)
printGoals()

function server(verb, ...flags) {
  const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
  return spawnSync(process.execPath, [program, `server:${verb}`, ...flags], {
    env: {PATH: process.env.PATH, CRUDDUR_DB_HOME: home},
    encoding: 'utf8',
  })
}
