import {execa} from 'execa'
import {readFile, stat, writeFile} from 'node:fs/promises'
import type {AddressInfo} from 'node:net'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'
import {cli, json} from '../support/cli.js'
import {welcome} from '../support/fake-postgres.js'
import {withServerHome} from '../support/server-home.js'

/** Asks for a password in that way, records what comes, and lets everybody in. */
async function withStranger(
  request: Buffer | undefined,
  use: (port: number, heard: () => string) => Promise<void>,
): Promise<void> {
  let heard = ''
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .once('data', () => {
        if (request !== undefined) socket.write(request)
        else socket.write(welcome('18.4'))
        socket.on('data', (data) => {
          heard += data.toString('latin1')
          if (request !== undefined && data[0] === 0x70) socket.write(welcome('18.4'))
        })
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  await use((server.address() as AddressInfo).port, () => heard)
}

const requests = {
  'the password in clear text': Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]),
  'an md5 of the password': Buffer.from([0x52, 0, 0, 0, 12, 0, 0, 0, 5, 1, 2, 3, 4]),
  'no password': undefined,
}

describe('a program that a stale postmaster.pid points to', () => {
  it.each(Object.entries(requests))('is told nothing, if it asks for %s', async (_, request) => {
    await withServerHome(async (env, home) => {
      const {stdout: url} = await cli(['server:start', '--url'], {env})
      await cli(['server:stop'], {env})
      const data = join(home, '18', 'data')
      const {uid, gid} = await stat(data)
      await withStranger(request, async (port, heard) => {
        // Of the server's own account, and started with the folder of its data.
        const sleeping = execa('bash', ['-c', 'while :; do sleep 1; done', data], {
          reject: false,
          ...(process.getuid?.() === 0 ? {uid, gid} : {}),
        })
        try {
          await writeFile(
            join(data, 'postmaster.pid'),
            [sleeping.pid, data, '1', port, '', '127.0.0.1', '', 'ready   '].join('\n'),
          )
          await writeFile(join(home, '18', 'port'), String(port))
          expect(json(await cli(['server:status', '--json'], {env})).result).toMatchObject({state: 'running'})
          const named = {...env, PROD_CONNECTION_URL: url.replace(/:\d+\//, `:${port}/`)}
          for (const [args, variables] of [
            [['sessions'], env],
            [['setup'], env],
            [['connect', '--', '-c', 'select 1'], env],
            [['sessions', 'prod'], named],
          ] as const) {
            const result = await cli([...args, ...(args[0] === 'connect' ? [] : ['--json'])], {env: variables})
            expect(result.exitCode).toBe(4)
            if (args[0] === 'connect') expect(result.stderr).toContain('is not the embedded server')
            else expect(json(result).error).toMatchObject({code: 'server_unproven'})
          }

          expect(heard()).not.toContain(await readFile(join(home, '18', 'password'), 'utf8'))
          // Neither a password message nor a statement.
          expect(heard()).not.toMatch(/^[pQP]/)
        } finally {
          // Before the home is left, whose server would be waited for.
          sleeping.kill('SIGKILL')
          await sleeping
        }
      })
    })
  })

  // Only root can run a program as another account.
  it.runIf(process.getuid?.() === 0)('is not taken for the server, if it belongs to another account', async () => {
    await withServerHome(async (env, home) => {
      await cli(['server:start'], {env})
      await cli(['server:stop'], {env})
      const data = join(home, '18', 'data')
      const other = execa('bash', ['-c', 'while :; do sleep 1; done', data], {reject: false, uid: 4711, gid: 4711})
      onTestFinished(() => void other.kill())
      await writeFile(
        join(data, 'postmaster.pid'),
        [other.pid, data, '1', '1', '', '127.0.0.1', '', 'ready   '].join('\n'),
      )
      expect(json(await cli(['server:status', '--json'], {env})).result).toMatchObject({state: 'stopped'})
    })
  })
})
