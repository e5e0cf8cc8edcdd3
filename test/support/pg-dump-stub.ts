import {chmod, writeFile} from 'node:fs/promises'
import {join} from 'node:path'

/** Writes a pg_dump of this version to a folder. It writes how it was called to `call.json` beside it, and `text`. */
export async function writePgDumpStub(folder: string, version: string, text: string): Promise<void> {
  const script = join(folder, 'pg_dump.cjs')
  await writeFile(
    script,
    `if (process.argv[2] === '--version') {
  console.log('pg_dump (PostgreSQL) ${version}')
  process.exit()
}
require('node:fs').writeFileSync(__dirname + '/call.json', JSON.stringify({args: process.argv.slice(2), env: process.env}))
process.stdout.write(${JSON.stringify(text)})
`,
  )
  // The path of a program may have spaces, which the first line of a script may not.
  const quoted = [process.execPath, script].map((path) => `'${path.replaceAll("'", `'\\''`)}'`)
  await writeFile(join(folder, 'pg_dump'), `#!/bin/sh\nexec ${quoted.join(' ')} "$@"\n`)
  await chmod(join(folder, 'pg_dump'), 0o755)
}
