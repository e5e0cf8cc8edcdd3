import {execa} from 'execa'
import {existsSync} from 'node:fs'
import {chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {delimiter, dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, expect, inject, vi} from 'vitest'
import {closedFolder} from '../../src/lib/server/home.js'

/** A version of Node and one of npm, which need not be the one it comes with. */
export interface Toolchain {
  node: 20 | 22 | 24
  npm: 10 | 11
}

/** How a command line ended. */
export interface Outcome {
  exitCode?: number
  stdout: string
  stderr: string
}

/** Someone with an empty home and a shell. */
export interface User {
  home: string
  /** Runs a line in `cwd` as their shell does; it must succeed. */
  run(line: string, cwd: string): Promise<Outcome>
}

/** A machine with Node and npm alone, on which every path has a space and an umlaut. */
export interface Machine {
  /** A new user, who has that toolchain. */
  user(toolchain: Toolchain): Promise<User>
  /** An empty folder that the users may write into. */
  folder(name: string): Promise<string>
  /** A clone of this repository, with nothing installed or built. */
  clone(name: string): Promise<string>
}

/** This repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Every pair. */
export const toolchains = ([20, 22, 24] as const).flatMap((node) =>
  ([10, 11] as const).map((npm): Toolchain => ({node, npm})),
)

/** `nobody` where the tests run as root, which has no embedded server of its own; else the account that runs the tests. */
const account = process.getuid?.() === 0 ? {uid: 65_534, gid: 65_534} : {}
/** What npm and its scripts call; no psql. */
const programs = ['sh', 'env', 'uname', 'cat', 'ls', 'mkdir', 'rm', 'sed', 'dirname']

/** Makes a machine before the file's tests; afterwards its servers are stopped and it is removed. */
export function machine(): Machine {
  let base = ''
  const users: User[] = []
  const inBase = (name: string): string => join(base, name)
  const folder = async (name: string): Promise<string> => {
    await mkdir(inBase(name), {recursive: true})
    await giveAway(inBase(name))
    return inBase(name)
  }
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'Gehäuse für '))
    await chmod(base, 0o755)
    await installToolchains(base)
    await folder('tmp')
  })
  afterAll(async () => {
    for (const user of users) await stopServer(user)
    // What anybody else's program leaves there is not ours.
    const left = (await readdir(inBase('tmp'))).filter((name) => name.startsWith('cruddur'))
    await rm(base, {recursive: true, force: true})
    expect(left).toEqual([])
  })
  return {
    folder,
    async user(toolchain) {
      const home = await folder(`Übungs heim ${users.length}`)
      const user = {home, run: (line: string, cwd: string) => runLine(line, cwd, environment(base, home, toolchain))}
      users.push(user)
      return user
    },
    async clone(name) {
      const ignored = (await readFile(join(root, '.gitignore'), 'utf8'))
        .split('\n')
        .map((line) => line.replace(/\/$/, ''))
      const kept = (await readdir(root)).filter(
        (entry) => entry !== '.git' && !ignored.includes(entry) && !entry.endsWith('.tgz'),
      )
      for (const entry of kept) await cp(join(root, entry), join(inBase(name), entry), {recursive: true})
      await giveAway(inBase(name))
      return inBase(name)
    },
  }
}

const environment = (base: string, home: string, {node, npm}: Toolchain): NodeJS.ProcessEnv => ({
  PATH: [`node ${node}`, `npm ${npm}`, 'bin'].map((name) => join(base, name)).join(delimiter),
  HOME: home,
  TMPDIR: join(base, 'tmp'),
  LANG: 'C.UTF-8',
  ...inject('registry'),
})

async function runLine(line: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const {exitCode, stdout, stderr} = await execa(line, {
    ...account,
    shell: true,
    cwd,
    env,
    extendEnv: false,
    reject: false,
    input: '',
  })
  expect(exitCode, `${line}\n${stdout}\n${stderr}`).toBe(0)
  return {exitCode, stdout, stderr}
}

/** What each toolchain brings, and the machine's own programs, each in a folder for PATH. */
async function installToolchains(base: string): Promise<void> {
  const fetched = await reachable(base)
  for (const {node, npm} of toolchains) {
    await link(join(fetched, `node${node}`, 'bin', 'node'), join(base, `node ${node}`, 'node'))
    for (const name of ['npm', 'npx'])
      await link(join(fetched, `npm${npm}`, 'bin', `${name}-cli.js`), join(base, `npm ${npm}`, name))
  }

  for (const name of programs) {
    const path = ['/bin', '/usr/bin'].map((place) => join(place, name)).find((candidate) => existsSync(candidate))
    if (path !== undefined) await link(path, join(base, 'bin', name))
  }
}

/** The folder of the fetched toolchains, or a copy of it where another account cannot reach them. */
async function reachable(base: string): Promise<string> {
  const fetched = inject('toolchains')
  if (account.uid === undefined || closedFolder(fetched) === undefined) return fetched
  await cp(fetched, join(base, 'toolchains'), {recursive: true, verbatimSymlinks: true})
  return join(base, 'toolchains')
}

async function link(path: string, at: string): Promise<void> {
  await mkdir(dirname(at), {recursive: true})
  if (!existsSync(at)) await symlink(path, at)
}

async function giveAway(path: string): Promise<void> {
  if (account.uid !== undefined) await execa('chown', ['-R', `${account.uid}:${account.gid}`, path])
}

/** By a signal: the program of a test may be half made, and that of this repository is not for this account. */
async function stopServer({home}: User): Promise<void> {
  const data = join(home, '.local', 'share', 'cruddur-db', '18', 'data')
  const pid = Number.parseInt(await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => ''), 10)
  if (Number.isNaN(pid)) return
  // Sessions are ended, as by pg_ctl stop -m fast.
  process.kill(pid, 'SIGINT')
  await vi.waitUntil(() => !existsSync(join(data, 'postmaster.pid')), {timeout: 60_000})
}
