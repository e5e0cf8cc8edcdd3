import {execa} from 'execa'
import {copyFile, mkdir, symlink} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli} from '../support/cli.js'
import {temporaryFolder} from '../support/temporary-folder.js'
import {type DumpedServer, startDumpedServer} from './own-server.js'
import {psql} from './programs.js'

const folder = temporaryFolder()
const source = fileURLToPath(new URL('typed/', import.meta.url))
let own: DumpedServer

beforeAll(async () => {
  own = await startDumpedServer()
  await mkdir(join(folder, 'bin'))
  // No psql.
  for (const name of ['sh', 'cat', 'sort']) {
    const {stdout} = await execa('sh', ['-c', `command -v ${name}`])
    await symlink(stdout, join(folder, 'bin', name))
  }
})
afterAll(() => own.stop())

interface Printed {
  stdout: string
  stderr: string[]
}

/** Runs the file on a database of its own, which has what setup.sql makes. */
async function printed(
  name: string,
  run: (url: string, file: string, cwd: string) => Promise<Printed>,
): Promise<Printed> {
  const cwd = join(folder, name)
  await mkdir(cwd)
  await copyFile(join(source, `${name}.sql`), join(cwd, 'typed.sql'))
  await own.run('drop database if exists typed')
  await own.run('create database typed')
  if (name === 'catalog') await execa(psql, ['-X', '-q', own.url('typed'), '-f', join(source, 'setup.sql')])
  try {
    return await run(own.url('typed'), 'typed.sql', cwd)
  } finally {
    await execa('rm', ['-rf', cwd])
  }
}

const byPsql = (name: string): Promise<Printed> =>
  printed(name, async (url, file, cwd) => {
    const {stdout, stderr} = await execa(psql, ['-X', url, '-f', file], {cwd, env: {LANG: 'C.UTF-8'}})
    const lines = stderr.split('\n').map((line) => line.replace(/^psql:[^ ]*:\d+: (?:error: )?/, ''))
    return {stdout, stderr: lines}
  })

const byOurs = (name: string): Promise<Printed> =>
  printed(name, async (url, file, cwd) => {
    const env = {PATH: join(folder, 'bin'), HOME: folder, CONNECTION_URL: url}
    const {stdout, stderr} = await cli(['connect', '--', '-X', '-v', 'ON_ERROR_STOP=off', '-f', file], {env, cwd})
    // Of the target, and of the shell.
    return {stdout, stderr: stderr.split('\n').slice(2)}
  })

describe('our shell answers as psql does, and goes on after errors', () => {
  it.each(['display', 'catalog', 'files'])('to %s.sql', async (name) => {
    const theirs = await byPsql(name)
    const ours = await byOurs(name)
    expect(ours.stdout).toBe(theirs.stdout)
    expect(ours.stderr).toEqual(theirs.stderr)
  })
})
