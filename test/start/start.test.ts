import {createHash} from 'node:crypto'
import {chmod, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {cli, type CliResult, json} from '../support/cli.js'
import {urlOf} from '../support/databases.js'
import {withInstallation} from '../support/installation.js'

/** The files of the cache of an installation, with the hash of what is in them. */
async function keptIn(folder: string): Promise<Record<string, string>> {
  const cache = join(folder, 'dist', '.cache')
  const entries = await readdir(cache, {recursive: true, withFileTypes: true})
  const paths = entries.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  return Object.fromEntries(
    await Promise.all(
      paths.sort().map(
        async (path) =>
          [
            path,
            createHash('sha256')
              .update(await readFile(path))
              .digest('hex'),
          ] as const,
      ),
    ),
  )
}

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

  it('keeps what was compiled for the flags of Node that it runs with', async () => {
    await withInstallation(async ({entry, folder}) => {
      const flags = {NODE_OPTIONS: '--stack-trace-limit=7'}
      expect(await cli(['target'], {entry, env: flags})).toMatchObject({exitCode: 0, stderr: ''})
      const others = await keptIn(folder)
      await cli(['target'], {entry})
      const own = await keptIn(folder)
      expect(own).not.toEqual(others)
      await cli(['target'], {entry})
      expect(await keptIn(folder)).toEqual(own)
    })
  })

  it('keeps it for pg_dump, too, for which V8 gets a flag', async () => {
    await withInstallation(async ({entry, folder}) => {
      const dump = (): Promise<CliResult> => cli(['schema:dump'], {entry, env: {CONNECTION_URL: urlOf('postgres')}})
      expect(await dump()).toMatchObject({exitCode: 0})
      const kept = await keptIn(folder)
      await dump()
      expect(await keptIn(folder)).toEqual(kept)
    })
  })

  it('keeps it for each command, and for nothing that is mistyped', async () => {
    await withInstallation(async ({entry, folder}) => {
      for (const words of [['dorp'], ['target', '--nonsense'], ['target'], ['target', '--json'], ['dorp', '--json']])
        await cli(words, {entry})
      expect(Object.keys(await keptIn(folder)).map((path) => basename(path))).toEqual(['none.bin', 'target.bin'])
    })
  })

  // Windows has no such modes.
  it.skipIf(process.platform === 'win32')('neither reads nor writes a cache that others may write to', async () => {
    await withInstallation(async ({entry, folder}) => {
      await cli(['target'], {entry})
      const [[path = ''] = []] = Object.entries(await keptIn(folder))
      await writeFile(path, 'planted')
      await chmod(path, 0o666)
      await cli(['target'], {entry})
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      expect(await readFile(path, 'latin1')).not.toBe('planted')
      await chmod(dirname(path), 0o777)
      await rm(path)
      expect(await cli(['target'], {entry})).toMatchObject({exitCode: 0, stderr: ''})
      expect(await keptIn(folder)).toEqual({})
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

describe('a stack under DEBUG', () => {
  it('shows the files of src', async () => {
    const {stderr} = await cli(['create'], {env: {DEBUG: '1', CONNECTION_URL: 'postgres://u:p@127.0.0.1:1/d'}})
    expect(stderr).toMatch(/at .*src\/lib\/postgres\/connect\/connect\.ts:\d+:\d+/)
  })
})
