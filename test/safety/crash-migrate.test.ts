import {setTimeout as delay} from 'node:timers/promises'
import {beforeAll, describe, expect, inject, it, vi} from 'vitest'
import type {Running} from '../support/cli.js'
import {withOwnServer} from '../support/other-server.js'
import {type Proxy, startProxy} from '../support/proxy.js'
import {temporaryFolder} from '../support/temporary-folder.js'
import {MigrationStage} from './support/migration-stage.js'
import {writeMigrations} from './support/migrations.js'

const moments = inject('moments')
vi.setConfig({testTimeout: 120_000 + moments * 10_000})

const folder = temporaryFolder()
beforeAll(() => writeMigrations(folder))

/** Waits for a moment of the run, or for its end. The first quarter of its time goes into starting. */
async function until(running: Running, stage: MigrationStage, part: number): Promise<void> {
  await Promise.race([delay((0.25 + 0.85 * part) * stage.length()), running])
}

interface Blow {
  kind: string
  times: number
  exits: readonly (number | undefined)[]
  /** By which port the run that is struck connects. */
  port?: number
  /** Strikes at a part of the run, from 0 to 1; the run has ended when it returns. */
  strike: (running: Running, part: number, moment: number) => Promise<void>
}

/** Runs that are struck, each at a later moment: what is there is what is recorded, and the next run finishes. */
async function survive(stage: MigrationStage, {kind, times, exits, port, strike}: Blow): Promise<void> {
  for (let moment = 0; moment < times; moment += 1) {
    const when = `${kind} at moment ${moment} of ${times}`
    await stage.reset()
    const running = stage.run(port)
    await strike(running, (moment + 0.5) / times, moment)
    const {exitCode, stderr} = await running
    expect(exits, `${when}: ${stderr}`).toContain(exitCode)
    // Every third time the next run comes at once, and may find a statement that the server still runs.
    if (moment % 3 < 2) {
      await stage.quiet()
      await stage.expectConsistent(when)
    }
    await stage.finish(when)
  }
  stage.print(`${kind} at ${times} moments`)
}

/** Counts the messages of a run that is not struck. */
async function messagesOf(stage: MigrationStage, proxy: Proxy): Promise<number> {
  let messages = 0
  proxy.cutBehind = () => void (messages += 1)
  await stage.reset()
  expect(await stage.run(proxy.port)).toMatchObject({exitCode: 0})
  proxy.cutBehind = undefined
  return messages
}

/** Runs `act` when the run has sent so many messages. */
function behindMessage(proxy: Proxy, nth: number, act: () => 'sent' | 'answered' | undefined): void {
  let seen = 0
  proxy.cutBehind = () => (++seen === nth ? act() : undefined)
}

describe.concurrent('a run of migrations, of which some are no transaction', () => {
  it.each([
    {signal: 'SIGKILL', exits: [0, undefined]},
    {signal: 'SIGINT', exits: [0, 130, undefined]},
  ] as const)('has done what it has recorded at every moment, whenever it gets $signal', async ({signal, exits}) => {
    await withOwnServer(async (server) => {
      const proxy = await startProxy(server.port)
      try {
        const stage = await MigrationStage.make(server, folder)
        await survive(stage, {
          ...{kind: signal, times: Math.ceil(moments / 2), exits},
          async strike(running, part) {
            await until(running, stage, part)
            running.kill(signal)
            await running
          },
        })
        const messages = await messagesOf(stage, proxy)
        await survive(stage, {
          ...{kind: `${signal} behind a message`, times: Math.ceil(moments / 2), exits, port: proxy.port},
          async strike(running, part) {
            behindMessage(proxy, Math.ceil(part * messages), () => void running.kill(signal))
            await running
          },
        })
      } finally {
        await proxy.close()
      }
    })
  })

  it('has so whenever its server is killed', async () => {
    await withOwnServer(async (server) => {
      const proxy = await startProxy(server.port)
      try {
        const stage = await MigrationStage.make(server, folder)
        const messages = await messagesOf(stage, proxy)
        await survive(stage, {
          ...{kind: 'The server killed', times: Math.ceil(moments / 3), exits: [0, 4], port: proxy.port},
          async strike(running, part, moment) {
            // While a statement runs, or just before.
            const kill = (): Promise<void> => delay(moment % 2 === 0 ? 15 : 0).then(() => server.kill())
            const killed = new Promise<void>((resolve, reject) => {
              behindMessage(proxy, Math.ceil(part * messages), () => void kill().then(resolve, reject))
            })
            await Promise.all([killed, running])
            await server.start()
          },
        })
      } finally {
        await proxy.close()
      }
    })
  })

  it('has so whenever its connection is cut, when a message was sent or answered', async () => {
    await withOwnServer(async (server) => {
      const proxy = await startProxy(server.port)
      try {
        const stage = await MigrationStage.make(server, folder)
        const messages = await messagesOf(stage, proxy)
        await survive(stage, {
          ...{kind: 'The connection cut', times: Math.ceil(moments / 2), exits: [0, 4], port: proxy.port},
          async strike(running, part, moment) {
            behindMessage(proxy, Math.ceil(part * messages), () => (moment % 2 === 0 ? 'sent' : 'answered'))
            await running
          },
        })
      } finally {
        await proxy.close()
      }
    })
  })

  it('is one of two at once, and the other one finds it done or is told to wait', async () => {
    await withOwnServer(async (server) => {
      const stage = await MigrationStage.make(server, folder)
      const times = Math.ceil(moments / 3)
      for (let moment = 0; moment < times; moment += 1) {
        await stage.reset()
        const first = stage.run()
        await until(first, stage, moment / times)
        const ended = await Promise.all([first, stage.run()])
        const said = ended.map(({exitCode, stderr}) => `${exitCode}: ${stderr}`).join('\n')
        expect(ended.filter(({exitCode}) => exitCode === 0).length, said).toBeGreaterThan(0)
        for (const {exitCode} of ended) expect([0, 5], said).toContain(exitCode)
        await stage.expectConsistent(`two at once at moment ${moment}`)
        await stage.finish(`two at once at moment ${moment}`)
      }
      stage.print('Two at once')
    })
  })
})
