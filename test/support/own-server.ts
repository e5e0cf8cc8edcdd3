import {randomBytes} from 'node:crypto'
import {chmod, chown, cp, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {vi} from 'vitest'
import {serverAccount} from '../../src/lib/server/account.js'
import {closedFolder} from '../../src/lib/server/home.js'
import {runProgram} from '../../src/lib/server/run-program.js'
import {freePort} from './free-port.js'

/** A Postgres on loopback for one test, with a password. */
export interface OwnServer {
  port: number
  /** The superuser's URL of a database on it, with the password. */
  url(database: string): string
  /** Kills it; {@link OwnServer.start} starts it again with the same data. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Stops it and removes its files. */
  stop(): Promise<void>
}

/** Starts one from the programs in `programs`/bin; if the tests run as root, it runs under an ordinary account. */
export async function startOwnServer(programs: string): Promise<OwnServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-own-server-'))
  const data = join(folder, 'data')
  const account = await serverAccount(data)
  const bin = account === undefined ? programs : await within(folder, programs)
  const [password, port] = [randomBytes(12).toString('hex'), await freePort()]
  const [secret, log] = [join(folder, 'secret'), join(folder, 'log')]
  await mkdir(data)
  for (const file of [secret, log]) await writeFile(file, file === secret ? password : '')
  if (account !== undefined) {
    await chmod(folder, 0o755)
    for (const path of [data, secret, log]) await chown(path, account.uid, account.gid)
  }

  const run = async (name: 'initdb' | 'pg_ctl', args: string[]): Promise<void> => {
    // The server that pg_ctl starts would keep pipes open.
    const {exitCode, output} = await runProgram(bin, name, args, {account, cwd: folder, capture: name === 'initdb'})
    if (exitCode !== 0) throw new Error(`${name} failed: ${output}\n${await readFile(log, 'utf8')}`)
  }
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off`
  const start = (): Promise<void> => run('pg_ctl', ['-D', data, '-o', settings, '-l', log, '-w', 'start'])
  await run('initdb', [
    '-D',
    data,
    '-U',
    'postgres',
    `--pwfile=${secret}`,
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ])
  await start()
  return {
    port,
    url: (database) => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`,
    async kill() {
      const [pid] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')
      process.kill(Number(pid), 'SIGKILL')
    },
    // The sessions of the killed server may have to end first.
    start: () => vi.waitFor(start, {timeout: 60_000, interval: 50}),
    async stop() {
      await run('pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop'])
      await rm(folder, {recursive: true, force: true})
    },
  }
}

/** The programs; if the other account cannot read them, a copy in `folder`. */
async function within(folder: string, programs: string): Promise<string> {
  if (closedFolder(join(programs, 'bin', 'postgres')) === undefined) return programs
  const copy = join(folder, 'programs')
  await cp(programs, copy, {recursive: true, verbatimSymlinks: true})
  return copy
}
