import {execa} from 'execa'
import {expect, it} from 'vitest'
import {Db} from '../../src/lib/app/db.js'
import {folderOfTest} from '../support/temporary-folder.js'

it('a Db is refused where no database is named, or only the embedded server is meant, and it is said what to do', async () => {
  const nothing = [undefined, null, {}, 5, {url: 'postgres://h/d'}] as unknown as string[]
  for (const database of nothing)
    expect(() => new Db(database)).toThrow(
      expect.objectContaining({name: 'UsageError', code: 'database_missing'}) as Error,
    )
  expect(() => new Db('')).toThrow(expect.objectContaining({code: 'target_name_invalid'}) as Error)
  const folder = folderOfTest()
  const code =
    "const {Db} = await import(process.argv[1]); try { new Db('LOCAL') } catch (error) { console.log(JSON.stringify({...error, message: error.message})) }"
  const {stdout} = await execa(
    process.execPath,
    ['--input-type=module', '-e', code, new URL('../../dist/index.js', import.meta.url).href],
    {cwd: folder, env: {PATH: process.env['PATH']}, extendEnv: false},
  )
  expect(JSON.parse(stdout)).toMatchObject({
    code: 'variable_missing',
    message: 'CONNECTION_URL is not set, and the library does not start the embedded server.',
    next: ['Set it to the URL of a server, for example postgresql://user:password@localhost:5432/database.'],
  })
})
