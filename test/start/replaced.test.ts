import {execa} from 'execa'
import {existsSync} from 'node:fs'
import {cp, rename, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it, vi} from 'vitest'
import {cli, json} from '../support/cli.js'
import {uniqueName, urlOf} from '../support/databases.js'
import {type Installation, withInstallation} from '../support/installation.js'
import {startProxy} from '../support/proxy.js'
import {withTerminal} from '../support/terminal.js'

const next = 'Run the command again. If that fails, install cruddur-db again.'

/** Runs create from the installation, which waits for its server; changes the installation, and lets it go on. */
async function createMeanwhile(
  {entry}: Installation,
  change: () => Promise<void>,
): Promise<{exitCode?: number; stdout: string; stderr: string}> {
  const server = new URL(urlOf(uniqueName('replaced')))
  const proxy = await startProxy(Number(server.port))
  proxy.refusing = true
  const env = {PATH: process.env['PATH'], CONNECTION_URL: server.href.replace(server.host, `127.0.0.1:${proxy.port}`)}
  const running = execa(process.execPath, [entry, 'create', '--json'], {
    env,
    extendEnv: false,
    reject: false,
    timeout: 30_000,
    forceKillAfterDelay: 100,
  })
  let told = ''
  running.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
  await vi.waitUntil(() => told.includes('Trying again'), {timeout: 20_000, interval: 20})
  await change()
  proxy.refusing = false
  const {exitCode, stdout, stderr} = await running
  await proxy.close()
  return {exitCode, stdout, stderr}
}

describe('a program whose files go while it runs', () => {
  it('says so, and ends, when its folder was removed; it does not bring the folder back', async () => {
    await withInstallation(async (installed) => {
      const result = await createMeanwhile(installed, () => rm(installed.folder, {recursive: true}))
      expect(result.exitCode).toBe(3)
      const folder = join(installed.folder, 'dist')
      expect(json(result).error).toMatchObject({
        code: 'program_replaced',
        message: `The files of cruddur-db in ${folder} were removed or replaced.`,
        next: [next],
      })
      expect(existsSync(installed.folder)).toBe(false)
    })
  })

  it('says so when another version took their place', async () => {
    await withInstallation(async (installed) => {
      const {folder} = installed
      const result = await createMeanwhile(installed, async () => {
        await rename(join(folder, 'dist'), join(folder, 'old'))
        await cp(join(folder, 'old'), join(folder, 'dist'), {recursive: true})
        await rename(join(folder, 'sql', 'catalog'), join(folder, 'sql', 'queries'))
      })
      expect(json(result).error).toMatchObject({code: 'program_replaced', exit_code: 3})
    })
  })

  it('says so when a part of it is loaded only then', async () => {
    await withInstallation(async ({entry, folder}) => {
      const env = {CONNECTION_URL: urlOf('postgres')}
      await withTerminal([entry, 'sessions', '--watch'], {file: process.execPath, env}, async (terminal) => {
        await terminal.until('? help  q quit')
        await rm(folder, {recursive: true})
        terminal.type('jty')
        expect(await terminal.exit).toBe(3)
        expect(terminal.screen().join('\n')).toContain('Error: The files of cruddur-db in')
      })
    })
  })
})

describe('an installation that is incomplete', () => {
  it.each(['package.json', 'oclif.manifest.json', 'dist/program.cjs', 'sql/catalog/lock.sql'])(
    'says so where %s is missing',
    async (file) => {
      await withInstallation(async ({entry, folder}) => {
        await rm(join(folder, file))
        const result = await cli(['create'], {entry, env: {CONNECTION_URL: urlOf('postgres')}})
        expect(result).toEqual({
          exitCode: 3,
          stdout: '',
          stderr: expect.stringMatching(
            /Error: The files of cruddur-db in \S+ were removed or replaced\.\n {2}Run the command again\. .*$/,
          ) as string,
        })
      })
    },
  )
})
