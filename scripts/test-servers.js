// npm run test:servers [-- major …]: runs test/safety/servers.config.ts on other versions of Postgres than npm test does.
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {fetchServer, servers} from './server-programs.js'

const root = fileURLToPath(new URL('..', import.meta.url))

const chosen =
  process.argv.length > 2 ? process.argv.slice(2) : Object.keys(servers).filter((major) => servers[major].always)
const unknown = chosen.filter((major) => !(major in servers))
if (unknown.length > 0)
  throw new Error(`No test server for Postgres ${unknown.join(', ')}. Versions: ${Object.keys(servers).join(', ')}.`)
for (const major of chosen) fetchServer(major)
const failed = chosen.filter((major) => !holds(major))
if (failed.length > 0) {
  console.error(`Failed on Postgres ${failed.join(', ')}.`)
  process.exitCode = 1
}

function holds(major) {
  console.log(`\nPostgres ${servers[major].version.replace(/\.0-.*/, '')}`)
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [vitest, 'run', '--config', 'test/safety/servers.config.ts']
  return (
    spawnSync(process.execPath, args, {cwd: root, stdio: 'inherit', env: {...process.env, TEST_SERVER: major}})
      .status === 0
  )
}
