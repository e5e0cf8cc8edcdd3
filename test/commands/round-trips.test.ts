import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {cli} from '../support/cli.js'
import {uniqueName, urlOf} from '../support/databases.js'
import {type Proxy, startProxy} from '../support/proxy.js'
import {folderOfTest} from '../support/temporary-folder.js'

const database = uniqueName('trips')
let proxy: Proxy
let url: string

beforeAll(async () => {
  const direct = new URL(urlOf(database))
  proxy = await startProxy(Number(direct.port))
  direct.port = String(proxy.port)
  url = direct.href
})
afterAll(() => proxy.close())

// A connection has three, and its end a fourth: greeting, SCRAM's two, and the farewell. On a machine so busy that a client
// needs longer to send a file than the proxy holds an answer back, one may be counted too many: then it is counted again.
it.each([
  ['create', 6],
  ['schema:load', 8],
  ['seed', 10],
  ['setup', 23],
  // To drop what the one before has kept for undo takes two more, one of them while the files are loaded.
  ['setup', 25],
  ['undo', 8],
  ['sessions', 5],
  ['drop', 7],
])('%s takes no more than %d round trips', {retry: 2}, async (command, most) => {
  proxy.roundTrips = 0
  expect(await cli([command], {env: {CONNECTION_URL: url}})).toMatchObject({exitCode: 0})
  expect(proxy.roundTrips).toBeLessThanOrEqual(most)
})

it('migrate takes two for each migration', {retry: 2}, async () => {
  const cwd = folderOfTest()
  const folder = join(cwd, 'sql', 'migrations')
  await mkdir(folder, {recursive: true})
  for (let n = 1; n <= 10; n++)
    await writeFile(join(folder, `${20260101000000 + n}_table.sql`), `-- migrate:up\ncreate table t${n} ();\n`)
  await cli(['create'], {env: {CONNECTION_URL: url}})
  // Twice: the second one has nothing to apply, and reads the records.
  for (const most of [7 + 2 * 10, 7]) {
    proxy.roundTrips = 0
    expect(await cli(['migrate'], {env: {CONNECTION_URL: url}, cwd})).toMatchObject({exitCode: 0})
    expect(proxy.roundTrips).toBeLessThanOrEqual(most)
  }
  await cli(['drop', '--force'], {env: {CONNECTION_URL: url}})
})
