import {setTimeout as delay} from 'node:timers/promises'
import {beforeAll, describe, expect, inject, it, vi} from 'vitest'
import type {Running} from '../support/cli.js'
import {withOwnServer} from '../support/other-server.js'
import {startProxy} from '../support/proxy.js'
import {temporaryFolder} from '../support/temporary-folder.js'
import {Cuts, isForGood} from './support/cuts.js'
import {writeGenerations} from './support/generations.js'
import {Stage} from './support/stage.js'
import {survive} from './support/survive.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** At how many moments of a setup it is interrupted. */
    moments: number
  }
}

const moments = inject('moments')
vi.setConfig({testTimeout: 120_000 + moments * 10_000})

const folder = temporaryFolder()
beforeAll(async () => {
  await writeGenerations(folder)
})

/** Waits for a moment of the setup, spread over a little more than its length, or for its end. */
async function until(running: Running, stage: Stage, moment: number, times: number): Promise<void> {
  await Promise.race([delay((1.15 * stage.length() * (moment + 0.5)) / times), running])
}

describe.concurrent('a setup of a filled database that others read', () => {
  it.each([
    {signal: 'SIGKILL', plain: false, exits: [0, undefined]},
    {signal: 'SIGINT', plain: true, exits: [0, 130, undefined]},
  ] as const)(
    'leaves the old data or all of the new at every moment, whenever it gets $signal',
    async ({signal, plain, exits}) => {
      await withOwnServer(async (server) => {
        const stage = await Stage.make(server, folder, {plain})
        await survive(stage, signal, moments, {
          exits,
          async strike(running, moment) {
            await until(running, stage, moment, moments)
            running.kill(signal)
            await running
          },
        })
      })
    },
  )

  it('does so from the cache, or for it, and nothing half made is ever copied', async () => {
    await withOwnServer(async (server) => {
      const stage = await Stage.make(server, folder)
      const times = 2 * Math.ceil(moments / 4)
      await survive(stage, 'SIGKILL of setup --cached', times, {
        exits: [0, undefined],
        flags: ['--cached'],
        // Every third finds nothing to copy.
        before: async (moment) =>
          moment % 3 === 0 && expect(await stage.command('cache', '--clear')).toMatchObject({exitCode: 0}),
        async strike(running, moment) {
          await until(running, stage, moment, times)
          running.kill('SIGKILL')
          await running
        },
      })
    })
  })

  it('does so whenever its server is killed', async () => {
    await withOwnServer(async (server) => {
      const stage = await Stage.make(server, folder)
      const times = Math.ceil(moments / 5)
      await survive(stage, 'The server killed', times, {
        exits: [0, 4],
        down: true,
        forced: true,
        async strike(running, moment) {
          await until(running, stage, moment, times)
          await server.kill()
          // Every other time it is back while the setup may still want it.
          if (moment % 4 < 2) await running
          await server.start()
          await running
        },
      })
    })
  })

  it('does so whenever its connections are cut, behind a COMMIT too, and says what has become of it', async () => {
    await withOwnServer(async (server) => {
      const proxy = await startProxy(server.port)
      try {
        const stage = await Stage.make(server, folder)
        const cuts = await Cuts.of(stage, proxy)
        const times = Math.ceil(moments * 0.3)
        await survive(stage, 'Connections cut', times, {
          exits: [0, 4],
          forced: true,
          tells: (moment) => !isForGood(moment),
          url: cuts.url,
          strike: (running, moment) => cuts.strike(running, moment, times),
        })
        cuts.print()
      } finally {
        await proxy.close()
      }
    })
  })
})
