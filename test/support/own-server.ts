import {execa} from 'execa'
import {createHash, randomBytes} from 'node:crypto'
import {existsSync} from 'node:fs'
import {chmod, chown, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {vi} from 'vitest'
import {serverAccount} from '../../src/lib/server/account.js'
import {closedFolder} from '../../src/lib/server/home.js'
import {type Account, preparePrograms} from '../../src/lib/server/programs.js'
import {runServerProgram} from '../../src/lib/server/run-program.js'
import {ask} from './databases.js'
import {freePort} from './free-port.js'
import {prefixOfTests} from './run-folder.js'

/** A Postgres on loopback for one test, with a password. */
export interface OwnServer {
  port: number
  /** The folder of its cluster. */
  data: string
  /** The URL of a database on it, superuser and password included. */
  url: (database: string) => string
  /** Kills it without warning; what it has made is found again by {@link OwnServer.start}. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Stops it and removes its files. */
  stop(): Promise<void>
}

/** What {@link startOwnServer} takes. */
export interface OwnServerOptions {
  /** The folder of its programs; those that come with the package, unless another version is to run. */
  programs?: string | undefined
  /** Settings of the server. */
  settings?: Record<string, string | number>
}

/** Starts one, under an ordinary account where the tests run as root. */
export async function startOwnServer({programs, settings = {}}: OwnServerOptions = {}): Promise<OwnServer> {
  const cluster = await emptyCluster(programs)
  const {account, bin} = cluster
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-own-server-'))
  const [data, log] = [join(folder, 'data'), join(folder, 'log')]
  const [port, own] = [await freePort(), randomBytes(12).toString('hex')]
  await writeFile(log, '')
  if (account !== undefined) await giveAway(folder, [log], account)
  await copyCluster(cluster.data, data)
  const all = {...settings, port, listen_addresses: '127.0.0.1', unix_socket_directories: "''", fsync: 'off'}
  const flags = Object.entries(all).map(([name, value]) => `-c ${name}=${value}`)
  const run = async (...args: string[]): Promise<void> => {
    // pg_ctl leaves a server behind that would hold the pipes open.
    const {exitCode} = await runServerProgram(bin, 'pg_ctl', ['-D', data, '-w', ...args], {
      account,
      cwd: folder,
      capture: false,
    })
    if (exitCode !== 0) throw new Error(`pg_ctl failed: ${await readFile(log, 'utf8')}`)
  }
  const start = (): Promise<void> => run('-o', flags.join(' '), '-l', log, 'start')
  const url = (database: string, password = own): string =>
    `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`
  await start()
  await ask(url('postgres', cluster.password), `alter role postgres password '${own}'`)
  return {
    port,
    data,
    url: (database) => url(database),
    async kill() {
      const [pid] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')
      process.kill(Number(pid), 'SIGKILL')
    },
    // The sessions of the killed server may have to end first.
    start: () => vi.waitFor(start, {timeout: 60_000, interval: 50}),
    async stop() {
      await run('-m', 'immediate', 'stop')
      await rm(folder, {recursive: true, force: true})
    },
  }
}

/** A cluster that no server runs on, and what makes a server of a copy of it. */
interface EmptyCluster {
  data: string
  bin: string
  password: string
  account: Account | undefined
}

/** Made once for each version in a run: initdb takes longer than a copy of what it has made. */
async function emptyCluster(programs: string | undefined): Promise<EmptyCluster> {
  const version = createHash('md5')
    .update(programs ?? '')
    .digest('hex')
  const place = join(tmpdir(), `${prefixOfTests}cluster-${version}`)
  const data = join(place, 'data')
  const account = await serverAccount(data)
  if (!existsSync(place)) {
    const draft = await mkdtemp(`${place}-`)
    await initialize(draft, await within(draft, programs, account), account)
    // Another test file may have been faster.
    await rename(draft, place).catch(() => rm(draft, {recursive: true, force: true}))
  }

  const bin = await within(place, programs, account)
  return {data, bin, account, password: await readFile(join(place, 'secret'), 'utf8')}
}

async function initialize(folder: string, bin: string, account: Account | undefined): Promise<void> {
  const [data, secret] = [join(folder, 'data'), join(folder, 'secret')]
  await mkdir(data)
  await writeFile(secret, randomBytes(12).toString('hex'))
  if (account !== undefined) await giveAway(folder, [data, secret], account)
  const flags = ['-U', 'postgres', `--pwfile=${secret}`, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C', '--no-sync']
  const {exitCode, output} = await runServerProgram(bin, 'initdb', ['-D', data, ...flags], {
    account,
    cwd: folder,
    capture: true,
  })
  if (exitCode !== 0) throw new Error(`initdb failed: ${output}`)
}

/** To an account that has to reach them in the folder. */
async function giveAway(folder: string, paths: string[], {uid, gid}: Account): Promise<void> {
  await chmod(folder, 0o755)
  for (const path of paths) await chown(path, uid, gid)
}

/** With owners and modes; Windows has neither. */
async function copyCluster(from: string, to: string): Promise<void> {
  if (process.platform === 'win32') await cp(from, to, {recursive: true})
  else await execa('cp', ['-a', from, to])
}

/** The programs, or a copy of them in `folder` where another account than ours cannot reach them. */
async function within(folder: string, programs: string | undefined, account: Account | undefined): Promise<string> {
  if (programs === undefined) return preparePrograms(folder, account)
  if (account === undefined || closedFolder(join(programs, 'bin', 'postgres')) === undefined) return programs
  const copy = join(folder, 'programs')
  if (!existsSync(copy)) await cp(programs, copy, {recursive: true, verbatimSymlinks: true})
  return copy
}
