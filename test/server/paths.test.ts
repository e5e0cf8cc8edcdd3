import {execa} from 'execa'
import {chmod, chown, mkdir, mkdtemp, readdir, readFile, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {beforeEach, describe, expect, it, vi} from 'vitest'
import {cli, json} from '../support/cli.js'
import {install} from '../support/installation.js'
import {folderOfTest} from '../support/temporary-folder.js'

// Copying an installation takes long on a slow disk.
vi.setConfig({testTimeout: 180_000})

/** Everything that the shell takes for more than text. */
const odd = `a $HOME "b" \`touch x\` 'c' \\d & (e); "-D"`
/** Node itself finds no packages in a folder with a backslash. */
const oddProject = odd.replace('\\', '')
const isRoot = process.getuid?.() === 0
const nobody = {uid: 65_534, gid: 65_534}
let base: string

beforeEach(async () => {
  base = folderOfTest()
  await chmod(base, 0o755)
})

interface Where {
  env: NodeJS.ProcessEnv
  entry?: string
  cwd?: string
  account?: {uid: number; gid: number} | undefined
}

/** Creates, finds, stops and starts a server. */
async function useServer(where: Where): Promise<void> {
  try {
    const setup = await cli(['create'], where)
    expect([setup.exitCode, setup.stderr]).toEqual([0, expect.anything()])
    const running = json(await cli(['server:status', '--json'], where)).result
    expect(running).toMatchObject({state: 'running'})
    expect(running?.['programs_gone'] ?? false).toBe(false)
    expect(await cli(['server:stop'], where)).toMatchObject({exitCode: 0, stdout: 'Stopped the embedded server.'})
    const again = await Promise.all([1, 2].map(() => cli(['server:start', '--url'], where)))
    expect(again.map(({exitCode}) => exitCode)).toEqual([0, 0])
    expect(again[0]?.stdout).toBe(again[1]?.stdout)
  } finally {
    await cli(['server:stop'], where)
  }
}

describe.skipIf(process.platform === 'win32')('paths that the shell would read otherwise', () => {
  it('may be that of the home', async () => {
    await useServer({env: {CRUDDUR_DB_HOME: join(base, odd, 'home')}})
    expect(await readdir(base)).toEqual([odd])
  })

  // Only root can run a program as another account.
  it.runIf(isRoot)('may be that of the home of an ordinary user', async () => {
    const home = join(base, odd)
    await mkdir(home)
    await chown(home, nobody.uid, nobody.gid)
    await useServer({env: {CRUDDUR_DB_HOME: home}, account: nobody, cwd: base})
  })

  it('may be that of the programs, as long as another one is plain', async () => {
    const entry = await install(join(base, oddProject))
    const temporary = await mkdtemp(join(base, 'tmp-'))
    await chmod(temporary, 0o755)
    const where = {entry, cwd: dirname(dirname(entry))}
    await useServer({...where, env: {CRUDDUR_DB_HOME: join(base, 'home')}})
    await useServer({...where, env: {CRUDDUR_DB_HOME: join(base, oddProject, 'home'), TMPDIR: temporary}})
    expect(await readdir(temporary)).toEqual([])
    expect((await readdir(join(base, 'home'))).filter((name) => /programs|new/.test(name))).toEqual([])
    if (isRoot) {
      const home = join(base, 'user')
      await mkdir(home)
      await chown(home, nobody.uid, nobody.gid)
      await useServer({...where, env: {CRUDDUR_DB_HOME: home}, account: nobody})
    }

    const none = {...where, env: {CRUDDUR_DB_HOME: join(base, oddProject, 'other'), TMPDIR: join(base, oddProject)}}
    const failed = await cli(['server:start'], none)
    expect(failed).toMatchObject({exitCode: 3, stderr: expect.stringContaining('contains $, which initdb') as string})
    expect(failed.stderr).toContain('Set TMPDIR or CRUDDUR_DB_HOME')
  })
})

describe('the program file of the server', () => {
  it('is told from its options, whatever quotes its path has', async () => {
    const home = join(base, 'home')
    const env = {CRUDDUR_DB_HOME: home}
    try {
      await cli(['server:start'], {env})
      const options = join(home, '18', 'data', 'postmaster.opts')
      const written = await readFile(options, 'utf8')
      const state = async (): Promise<unknown> => json(await cli(['server:status', '--json'], {env})).result?.['url']
      const program = join(base, 'a "b', 'bin "c', 'postgres')
      await writeFile(options, `${program} "-D" "${home}" "-p" "1"\n`)
      expect(await state()).toBeNull()
      await mkdir(dirname(program), {recursive: true})
      await writeFile(program, '')
      expect(await state()).toEqual(expect.stringMatching(/^postgresql:/))
      await writeFile(options, written)
    } finally {
      await cli(['server:stop'], {env})
    }
  })

  it.skipIf(process.platform === 'win32')('is started without a shell and outlives a closed terminal', async () => {
    const env = {CRUDDUR_DB_HOME: join(base, 'home')}
    try {
      const {pid} = json(await cli(['server:start', '--json'], {env})).result as {pid: number}
      const {stdout} = await execa('ps', ['-o', 'pgid=,ppid=,args=', '-p', String(pid)])
      const [group, parent, ...args] = stdout.trim().split(/\s+/)
      expect([Number(group), Number(parent)]).toEqual([pid, expect.any(Number)])
      expect(args.join(' ')).toContain(`bin/postgres -D ${join(base, 'home', '18', 'data')} -p `)
    } finally {
      await cli(['server:stop'], {env})
    }
  })
})
