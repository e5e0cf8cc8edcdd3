import {execa} from 'execa'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {cli} from '../support/cli.js'
import {everyKindOfData} from '../support/every-kind-of-data.js'
import {ask} from '../support/databases.js'
import {temporaryFolder} from '../support/temporary-folder.js'
import {type DumpedServer, startDumpedServer} from './own-server.js'
import {pgDump, psql} from './programs.js'

const folder = temporaryFolder()
let own: DumpedServer

beforeAll(async () => {
  own = await startDumpedServer()
  for (const name of ['dumped', 'loaded', 'restored']) await own.run(`create database ${name}`)
  await ask(own.url('dumped'), everyKindOfData)
})
afterAll(() => own.stop())

/** pg_dump's text without the lines in which its versions differ, and without large objects, which we write otherwise. */
const byPgDump = async (name: string): Promise<string> => {
  const {stdout} = await execa(pgDump, ['--no-owner', '--no-privileges', '--no-blobs', own.url(name)])
  return stdout.replaceAll(/^(\\(un)?restrict .*|-- Dumped .*)\n+/gm, '')
}

it('psql loads a dump, and pg_dump says that the database is the same', async () => {
  const file = join(folder, 'dumped.sql')
  expect(await cli(['dump', '--file', file], {env: {CONNECTION_URL: own.url('dumped')}})).toMatchObject({exitCode: 0})
  await execa(psql, ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', file, own.url('loaded')])
  expect((await byPgDump('loaded')) === (await byPgDump('dumped'))).toBe(true)
  expect(await ask(own.url('loaded'), 'select md5(lo_get(4711)) as lo, md5(lo_get(4712)) as empty')).toEqual(
    await ask(own.url('dumped'), 'select md5(lo_get(4711)) as lo, md5(lo_get(4712)) as empty'),
  )
})

it('restores a dump of pg_dump, with large objects and transactions of its own', async () => {
  const file = join(folder, 'theirs.sql')
  await execa(pgDump, ['-f', file, own.url('dumped')])
  const restored = await cli(['restore', '--file', file], {env: {CONNECTION_URL: own.url('restored')}})
  expect(restored, restored.stderr).toMatchObject({exitCode: 0})
  expect((await byPgDump('restored')) === (await byPgDump('dumped'))).toBe(true)
})
