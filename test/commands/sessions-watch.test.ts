import {Client} from 'pg'
import {describe, expect, it} from 'vitest'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import {cli} from '../support/cli.js'
import {uniqueName, urlOf} from '../support/databases.js'
import {startProxy} from '../support/proxy.js'
import {withServerHome} from '../support/server-home.js'
import {connectAs, isThere, type SessionClient} from '../support/session-clients.js'
import {type Terminal, withTerminal} from '../support/terminal.js'

const env = {CONNECTION_URL: urlOf('postgres')}
const footer = '? help  q quit'

/** A session under a name of its own, for as long as `use` lasts; the view is told to show it alone. */
async function withSession(use: (session: SessionClient & {application: string}) => Promise<void>): Promise<void> {
  const application = uniqueName('seen')
  const session = await connectAs(application, 'postgres')
  try {
    await use({...session, application})
  } finally {
    await session.client.end().catch(() => undefined)
  }
}

/** What a program that takes a whole terminal owes it at the end. */
function expectRestored(terminal: Terminal): void {
  expect(terminal.alternate()).toBe(false)
  expect(terminal.cursorHidden()).toBe(false)
  const output = terminal.output()
  expect(output.lastIndexOf('\u001B[?7h')).toBeGreaterThan(output.lastIndexOf('\u001B[?7l'))
}

describe('sessions --watch', () => {
  it('shows sessions live: new, changed, closed; follows keys and the size of the window', async () => {
    await withSession(async ({client, pid, application}) => {
      await withTerminal(['sessions', '--watch', '0.3s', '--app', `${application}*`], {env}, async (terminal) => {
        await terminal.until(new RegExp(`^ {2} +${pid} .* idle `, 'm'))
        expect(terminal.alternate()).toBe(true)
        expect(terminal.cursorHidden()).toBe(true)
        const running = client.query('select pg_sleep(600)').catch(() => undefined)
        await terminal.until(new RegExp(`^ {2} +${pid} .* active .*pg_sleep`, 'm'))
        const second = await connectAs(`${application}-2`, 'postgres')
        await terminal.until(new RegExp(`^ \\+ +${second.pid} `, 'm'))
        await second.client.end()
        await terminal.until(/closed \d.* ago/)
        terminal.type('j')
        await terminal.until(new RegExp(`^> +${pid}`, 'm'))
        terminal.type('\r')
        await terminal.until((text) => text.includes('select pg_sleep(600)') && text.includes('wait event'))
        terminal.type('x?')
        await terminal.until('Press any key to go back.')
        terminal.type('xs')
        await terminal.until('by pid')
        terminal.resize(60, 14)
        await terminal.until((text) => text.split('\n').length === 14 && text.includes(footer))
        terminal.resize(20, 5)
        await terminal.until((text) => text.split('\n').length === 5 && text.includes(String(pid)))
        terminal.resize(120, 40)
        await terminal.until((text) => text.split('\n').length === 40 && text.includes(footer))
        terminal.type('c')
        await terminal.until(new RegExp(`Cancel the query of ${pid} .*y/n`))
        terminal.type('y')
        await terminal.until(`${pid}: query canceled.`)
        await running
        terminal.type('t')
        await terminal.until(/Terminate .*y\/n/)
        terminal.type('n')
        await terminal.until(footer)
        expect(await isThere(pid)).toBe(true)
        terminal.type('ty')
        await terminal.until(`${pid}: ended.`)
        await terminal.until('0 sessions')
        terminal.type('q')
        expect(await terminal.exit).toBe(0)
        expectRestored(terminal)
      })
    })
  })

  it('writes only what has changed, never clearing the screen between', async () => {
    await withSession(async ({client, application}) => {
      await withTerminal(['sessions', '--watch=0.2s', '--app', application], {env}, async (terminal) => {
        await terminal.until(footer)
        const before = terminal.output().length
        await client.query('select 1234567')
        await terminal.until('1234567')
        const written = terminal.output().slice(before)
        expect(written).not.toContain('\u001B[2J')
        expect(written).not.toContain(footer)
        expect(written).toContain('\u001B[?2026h')
      })
    })
  })

  it.each([
    ['q', 0],
    ['\u0003', 130],
    ['SIGTERM', 130],
    ['SIGHUP', 130],
    ['SIGINT', 130],
  ])('gives the terminal back on %j', async (how, code) => {
    await withTerminal(['sessions', '--watch'], {env}, async (terminal) => {
      await terminal.until(footer)
      if (how.startsWith('SIG')) terminal.signal(how)
      else terminal.type(how)
      expect(await terminal.exit).toBe(code)
      expectRestored(terminal)
      expect(terminal.output().includes('Interrupted')).toBe(how.startsWith('SIG'))
    })
  })

  it('goes on after Ctrl-Z where no shell takes over, and after it was stopped from outside', async () => {
    await withTerminal(['sessions', '--watch'], {env}, async (terminal) => {
      await terminal.until(footer)
      terminal.type('\u001A')
      await terminal.until(() => terminal.output().split('\u001B[?1049h').length === 3)
      await terminal.until(footer)
      terminal.signal('SIGSTOP')
      terminal.signal('SIGCONT')
      await terminal.until(() => terminal.output().split('\u001B[?1049h').length === 4)
      await terminal.until(footer)
      terminal.type('q')
      expect(await terminal.exit).toBe(0)
      expectRestored(terminal)
    })
  })

  it('ends with its terminal', async () => {
    await withTerminal(['sessions', '--watch'], {env}, async (terminal) => {
      await terminal.until(footer)
      terminal.hangUp()
      expect(await terminal.exit).toBe(129)
    })
  })

  it('waits for a server that is lost, and connects again', async () => {
    const server = ConnectionUrl.parse(env.CONNECTION_URL, 'x')
    const first = await startProxy(server.primary.port)
    const url = new URL(env.CONNECTION_URL)
    url.port = String(first.port)
    await withTerminal(['sessions', '--watch', '0.2s'], {env: {CONNECTION_URL: url.href}}, async (terminal) => {
      await terminal.until(footer)
      await first.close()
      await terminal.until(/Reconnecting, lost for/)
      const second = await startProxy(server.primary.port, undefined, first.port)
      await terminal.until('Connected again.')
      await terminal.until(footer)
      second.fault = {kind: 'cut', after: 0}
      terminal.type('q')
      expect(await terminal.exit).toBe(0)
      expectRestored(terminal)
      await second.close()
    })
  })

  it('can be left at once while the server says nothing', async () => {
    const server = ConnectionUrl.parse(env.CONNECTION_URL, 'x')
    const proxy = await startProxy(server.primary.port)
    const url = new URL(env.CONNECTION_URL)
    url.port = String(proxy.port)
    await withTerminal(['sessions', '--watch', '0.2s'], {env: {CONNECTION_URL: url.href}}, async (terminal) => {
      await terminal.until(footer)
      proxy.mute()
      terminal.type('q')
      expect(await terminal.exit).toBe(0)
      expectRestored(terminal)
    })
    await proxy.close()
  })

  it('asks for the words of a protected target', async () => {
    await withSession(async ({pid, application}) => {
      await withTerminal(
        ['sessions', 'staging', '--watch', '0.2s', '--app', application],
        {env: {STAGING_CONNECTION_URL: env.CONNECTION_URL}},
        async (terminal) => {
          await terminal.until(footer)
          terminal.type('jt')
          await terminal.until(`Protected. To end ${pid}, type postgres@127.0.0.1: _`)
          terminal.type('yes\r')
          await terminal.until('Not confirmed. Nothing was changed.')
          terminal.type('t')
          await terminal.until(`To end ${pid}, type postgres@127.0.0.1: _`)
          terminal.type('\u001B')
          await terminal.until('Not confirmed')
          terminal.type('t')
          await terminal.until(`To end ${pid}, type postgres@127.0.0.1: _`)
          terminal.type('postgres@127.0.0.1\r')
          await terminal.until(`${pid}: ended.`)
          terminal.type('q')
          expect(await terminal.exit).toBe(0)
        },
      )
    })
  })

  it('takes a time or a target after it, and says what it does not take', async () => {
    const staging = {STAGING_CONNECTION_URL: env.CONNECTION_URL}
    await withTerminal(['sessions', '--watch', 'staging'], {env: staging}, async (terminal) => {
      await terminal.until((text) => text.includes('staging: ') && text.includes('every 2 s'))
    })
    await withTerminal(['sessions', '--watch', '5s', 'staging'], {env: staging}, async (terminal) => {
      await terminal.until((text) => text.includes('staging: ') && text.includes('every 5 s'))
    })
    for (const [args, says] of [
      [['--watch'], '--watch needs a terminal.'],
      [['--watch', '--json'], 'json'],
      [['--watch', '--csv'], 'csv'],
      [['--watch=soon'], '--watch must be a time'],
      [['--watch=0'], '--watch takes 0.2s to 1h.'],
      [['--watch', '1d'], '--watch takes 0.2s to 1h.'],
    ] as const) {
      const result = await cli(['sessions', ...args], {env})
      expect(result.exitCode, result.stderr).toBe(2)
      expect(result.stderr + result.stdout).toContain(says)
    }
  })

  it('says why it cannot begin, as any command does', async () => {
    await withTerminal(
      ['sessions', '--watch'],
      {env: {CONNECTION_URL: 'postgres://u:p@127.0.0.1:1/d'}},
      async (terminal) => {
        expect(await terminal.exit).toBe(4)
        expect(terminal.output()).not.toContain('\u001B[?1049h')
        expect(terminal.output()).toContain('No server accepts connections at 127.0.0.1:1.')
      },
    )
  })

  it('shows 300 sessions, and is back after the server was killed and started', async () => {
    await withServerHome(async (home) => {
      const {stdout: url} = await cli(['server:start', '--url'], {env: home})
      await cli(['create'], {env: home})
      const admin = new Client({connectionString: url})
      await admin.connect()
      await admin.query('alter system set max_connections = 350')
      await admin.end()
      await cli(['server:stop'], {env: home})
      await cli(['server:start'], {env: home})
      const clients = Array.from({length: 300}, () =>
        new Client({connectionString: url, application_name: 'crowd'}).on('error', () => undefined),
      )
      for (let at = 0; at < clients.length; at += 20)
        await Promise.all(clients.slice(at, at + 20).map((client) => client.connect()))
      await withTerminal(['sessions', '--watch', '0.5s', '--app', 'crowd'], {env: home}, async (terminal) => {
        await terminal.until('300 sessions')
        terminal.type('G')
        await terminal.until(/^> /m)
        await cli(['server:stop'], {env: home})
        await terminal.until('Reconnecting, lost for')
        await cli(['server:start'], {env: home})
        await terminal.until('Connected again.')
        await terminal.until(/^idle +0 /m)
        terminal.type('q')
        expect(await terminal.exit).toBe(0)
        expectRestored(terminal)
      })
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)))
    })
  }, 120_000)
})
