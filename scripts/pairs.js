// npm run test:pairs [-- option …]: runs test/schema-change/pairs.config.ts, with the options of vitest, on several versions of
// Postgres.
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {fetchServer} from './server-programs.js'

const root = fileURLToPath(new URL('..', import.meta.url))

for (const major of ['14', '15']) fetchServer(major)
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const args = [vitest, 'run', '--config', 'test/schema-change/pairs.config.ts', ...process.argv.slice(2)]
process.exitCode = spawnSync(process.execPath, args, {cwd: root, stdio: 'inherit'}).status ?? 1
