import {chmod, writeFile} from 'node:fs/promises'
import {join} from 'node:path'

/** Writes a pg_dump of this version to a folder. It writes how it was called to `call.json` beside it, and `text`. */
export async function writePgDumpStub(folder: string, version: string, text: string): Promise<void> {
  const stub = `#!${process.execPath}
if (process.argv[2] === '--version') {
  console.log('pg_dump (PostgreSQL) ${version}')
  process.exit()
}
require('node:fs').writeFileSync(__dirname + '/call.json', JSON.stringify({args: process.argv.slice(2), env: process.env}))
process.stdout.write(${JSON.stringify(text)})
`
  await writeFile(join(folder, 'pg_dump'), stub)
  await chmod(join(folder, 'pg_dump'), 0o755)
}
