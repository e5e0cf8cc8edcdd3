import {execa} from 'execa'
import {readFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import {expect, it} from 'vitest'

it("schemas/ is what the types of the commands' results make of it (npm run docs:schemas)", async () => {
  const {stdout} = await execa(process.execPath, ['scripts/schemas.js'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stripFinalNewline: false,
  })
  expect(await readFile(new URL('../../schemas/cruddur-db-1.json', import.meta.url), 'utf8')).toBe(stdout)
})
