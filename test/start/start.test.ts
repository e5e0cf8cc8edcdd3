import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {withInstallation} from '../support/installation.js'

describe('what is answered before oclif is loaded', () => {
  // Under --json oclif answers. Of all commands and lines: test/cli/command-line.test.ts.
  it.each(['create', 'sg:update'])('says of mistyped flags and arguments of %s what oclif says', async (id) => {
    for (const wrong of [
      ['--nonsense', '-x', 'local'],
      ['local', 'more', 'yet'],
    ]) {
      const [human, machine] = await Promise.all([cli([id, ...wrong]), cli([id, '--json', ...wrong])])
      const {error} = json(machine)
      expect(human).toEqual({exitCode: 2, stdout: '', stderr: `Error: ${error?.message}\n  cruddur-db ${id} --help`})
      expect(machine.exitCode).toBe(2)
    }
  })

  it('is the same where oclif has to be loaded, since a hook may add to it', async () => {
    await withInstallation(async (installed) => {
      const {entry} = installed
      await installed.change(({oclif}) => (oclif['hooks'] = {init: './hook.cjs'}))
      await installed.write('hook.cjs', "module.exports = async () => process.stderr.write('hooked\\n')")
      for (const args of [
        ['--version'],
        ['--help'],
        ['schema', '--help'],
        ['connect', '--help'],
        ['sg:update', '--help'],
      ]) {
        const [fast, loaded] = await Promise.all([cli(args), cli(args, {entry})])
        expect(loaded.stdout).toBe(fast.stdout)
        expect(loaded.stderr).toBe('hooked')
      }

      expect(await cli(['dorp'], {entry})).toEqual(await cli(['dorp']))
    })
  })

  it('keeps what was compiled for the flags of Node that it runs with', async () => {
    await withInstallation(async ({entry, folder}) => {
      const kept = async (): Promise<Record<string, string>> => {
        const cache = join(folder, 'dist', '.cache')
        const files = (await readdir(cache, {recursive: true, withFileTypes: true}))
          .filter((file) => file.isFile())
          .map((file) => join(file.parentPath, file.name))
        return Object.fromEntries(
          await Promise.all(files.map(async (path) => [path, await readFile(path, 'base64')] as const)),
        )
      }
      expect(await cli(['target'], {entry, env: {NODE_OPTIONS: '--stack-trace-limit=7'}})).toMatchObject({
        exitCode: 0,
        stderr: '',
      })
      const others = await kept()
      await cli(['target'], {entry})
      const own = await kept()
      expect(own).not.toEqual(others)
      await cli(['target'], {entry})
      expect(await kept()).toEqual(own)
    })
  })

  it('works from a folder that may not be written to, and keeps what was compiled in one that may', async () => {
    await withInstallation(async ({entry}) => {
      const first = await cli(['target'], {entry})
      const second = await cli(['target'], {entry})
      expect(first).toMatchObject({exitCode: 0, stderr: ''})
      expect(second).toEqual(first)
    })
  })
})

describe('a plugin and a hook of oclif', () => {
  it('bring their commands, in CommonJS and as ES modules, and see each run', async () => {
    await withInstallation(async (installed) => {
      const {entry} = installed
      await installed.change((pack) => {
        pack.dependencies['greeter'] = '1.0.0'
        Object.assign(pack.oclif, {plugins: ['greeter'], hooks: {prerun: './hook.mjs'}})
      })
      await installed.write(
        'hook.mjs',
        'export default async ({Command}) => process.stderr.write(`before ${Command.id}\\n`)',
      )
      await installed.write(
        'node_modules/greeter/package.json',
        JSON.stringify({name: 'greeter', version: '1.0.0', oclif: {commands: './commands'}}),
      )
      await installed.write(
        'node_modules/greeter/commands/hello.js',
        "const {Command} = require('@oclif/core')\nmodule.exports = class extends Command { async run() { await this.parse(); this.log('hello') } }",
      )
      await installed.write(
        'node_modules/greeter/commands/bye.mjs',
        "import {Command} from '@oclif/core'\nexport default class extends Command { async run() { await this.parse(); this.log('bye') } }",
      )
      expect(await cli(['hello'], {entry})).toEqual({exitCode: 0, stdout: 'hello', stderr: 'before hello'})
      expect(await cli(['bye'], {entry})).toEqual({exitCode: 0, stdout: 'bye', stderr: 'before bye'})
      expect((await cli(['target', '--json'], {entry})).stderr).toBe('before target')
      expect((await cli(['--help'], {entry})).stdout).toContain('\n  hello\n')
    })
  })
})

describe('a stack under DEBUG', () => {
  it('shows the files of src', async () => {
    const {stderr} = await cli(['create'], {env: {DEBUG: '1', CONNECTION_URL: 'postgres://u:p@127.0.0.1:1/d'}})
    expect(stderr).toMatch(/at .*src\/lib\/postgres\/connect\/connect\.ts:\d+:\d+/)
  })
})
