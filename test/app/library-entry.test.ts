import {execa} from 'execa'
import {dirname} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect, it} from 'vitest'

const entry = fileURLToPath(new URL('../../dist/index.js', import.meta.url))

/** Prints every module that the import loads: ES modules as the loader resolves them, CommonJS ones from their cache. */
const listing = `
import {writeSync} from 'node:fs'
import {createRequire, register} from 'node:module'
register('data:text/javascript,' + encodeURIComponent(\`
  import {writeSync} from 'node:fs'
  export async function resolve(specifier, context, next) {
    const resolved = await next(specifier, context)
    writeSync(1, resolved.url + '\\\\n')
    return resolved
  }
\`))
const library = await import(process.argv[1])
for (const path of Object.keys(createRequire(process.argv[1]).cache)) writeSync(1, path + '\\n')
process.exitCode = typeof library.Db === 'function' ? 0 : 1
`

it('the library loads neither oclif nor chalk nor anything else of the command line, nor the AWS SDK', async () => {
  const {stdout} = await execa(process.execPath, ['--input-type=module', '-e', listing, entry])
  const modules = stdout.split('\n')
  expect(modules.some((path) => path.includes('/node_modules/pg/lib/client.js'))).toBe(true)
  const own = modules.filter((path) => path.includes(dirname(entry)) && !path.endsWith('/dist/index.js'))
  const others = modules.filter((path) => /node_modules\/(?!pg|postgres-|xtend|split2)/.test(path))
  expect([...own, ...others]).toEqual([])
})
