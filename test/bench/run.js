// npm run bench [-- suite …]: runs the suites of test/bench/suites against an embedded server of their own.
import {chmodSync, mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {startServer, stopServer} from '../../dist/lib/server/embedded-server.js'

const folder = new URL('suites/', import.meta.url)
const all = readdirSync(folder).map((file) => basename(file, '.js'))
const chosen = process.argv.length > 2 ? process.argv.slice(2) : all
const home = mkdtempSync(join(tmpdir(), 'cruddur-db-bench-'))
chmodSync(home, 0o755)
try {
  const {url} = await startServer({home, progress: () => undefined})
  for (const name of chosen) await (await import(new URL(`${name}.js`, folder))).default(url)
} finally {
  await stopServer(home)
  rmSync(home, {recursive: true, force: true})
}
