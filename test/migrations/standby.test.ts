import {chmod, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {ask} from '../support/databases.js'
import {Migrations, up, version} from '../support/migrations.js'
import {withOwnServer} from '../support/other-server.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()

it('a standby is not written to, and tells what is applied', async () => {
  await withOwnServer(async (server) => {
    await ask(server.url('postgres'), 'create database app')
    const its = new Migrations('app', folder, server.url('app'))
    await its.write({1: up('create table a ();', 'drop table a;')})
    expect(await its.apply()).toMatchObject({result: {applied: [{}]}})
    await its.write({1: up('create table a ();', 'drop table a;'), 2: up('create table b ();')})
    await server.kill()
    const signal = join(server.data, 'standby.signal')
    await writeFile(signal, '')
    await chmod(signal, 0o666)
    await server.start()
    expect((await its.status()).result?.migrations).toMatchObject([{state: 'applied'}, {state: 'pending'}])
    for (const run of [its.apply(), its.down()])
      expect((await run).error).toMatchObject({
        code: 'standby',
        exitCode: 5,
        message: 'The server is a read-only standby. Nothing was changed.',
      })
    expect((await its.apply({dryRun: true})).result).toMatchObject({dryRun: true, applied: []})
    expect((await its.status()).result?.migrations.map(({version}) => version)).toEqual([version(1), version(2)])
  })
})
