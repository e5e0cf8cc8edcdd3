import {chmod, writeFile} from 'node:fs/promises'
import {join} from 'node:path'

/** How the stub was called: `call.json` beside it. `psqlrc` are the files of the folder of PSQLRC. */
export interface Call {
  pid: number
  args: string[]
  env: Record<string, string>
  psqlrc: Record<string, string>
}

/** A psql that writes down how it was called, then waits for Ctrl-C or ends with the code it is given. */
const stub = `#!/usr/bin/env node
const {readFileSync, readdirSync, writeFileSync} = require('node:fs')
const {dirname, join} = require('node:path')
const rc = process.env.PSQLRC && dirname(process.env.PSQLRC)
const psqlrc = Object.fromEntries((rc ? readdirSync(rc) : []).map((name) => [name, readFileSync(join(rc, name), 'utf8')]))
const record = () => writeFileSync(__dirname + '/call.json', JSON.stringify({pid: process.pid, args: process.argv.slice(2), env: process.env, psqlrc}))
if (process.argv.includes('wait')) {
  process.on('SIGINT', () => process.exit(42))
  if (process.argv.includes('deaf')) process.on('SIGTERM', () => undefined).on('SIGHUP', () => undefined)
  setTimeout(() => undefined, 60000)
  record()
  console.log('waiting')
} else process.exitCode = Number(process.argv.at(-1)) || 0
if (!process.argv.includes('wait')) record()
`

/** Writes the stub to `psql` in a folder. */
export async function writePsqlStub(folder: string): Promise<void> {
  await writeFile(join(folder, 'psql'), stub)
  await chmod(join(folder, 'psql'), 0o755)
}
