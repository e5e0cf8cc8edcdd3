import {readFile, writeFile} from 'node:fs/promises'
import {setTimeout as delay} from 'node:timers/promises'
import {ConfigurationError, errorCode, StateError} from '../errors.js'
import {ConnectionUrl} from '../target/connection-url.js'
import {serverAccount} from './account.js'
import {createCluster, makeHome, serverUser} from './cluster.js'
import {defaultHome, serverFiles, type ServerFiles} from './home.js'
import {freePort, isFree, preferredPort, recordedPort} from './port.js'
import {disarmStalePidFile, findPostmaster} from './postmaster.js'
import {type Account, preparePrograms} from './programs.js'
import {runProgram} from './run-program.js'

/** The database that `local` means where no URL says otherwise. */
const databaseName = 'cruddur'
const readyWithinMs = 60_000
const pollMs = 10

/** The embedded server as it is now; `url` where it runs. */
export interface ServerStatus {
  state: 'absent' | 'stopped' | 'running'
  home: string
  data: string
  log: string
  pid?: number
  port?: number
  url?: ConnectionUrl
}

/** What {@link startServer} takes. */
export interface StartOptions {
  home: string
  /** The port to use from now on; without it the one it had, or the first free one. */
  port?: number
  /** Told what takes time: making the cluster, starting it. */
  progress: (remark: string) => void
  signal?: AbortSignal
}

/**
 * What is known of the server below `home`, without changing anything.
 * @throws ConfigurationError (`home_unusable`) where the files belong to another user
 */
export async function serverStatus(home: string): Promise<ServerStatus> {
  const files = serverFiles(home)
  const places = {home, data: files.data, log: files.log}
  const password = await readPassword(files)
  if (password === undefined) return {state: 'absent', ...places}
  const postmaster = await findPostmaster(files.data)
  if (!postmaster?.ready) return {state: 'stopped', ...places, port: await recordedPort(files.port)}
  const {pid, port} = postmaster
  const url = ConnectionUrl.of({host: '127.0.0.1', port, user: serverUser, password, database: databaseName})
  return {state: 'running', ...places, pid, port, url}
}

/**
 * Starts the server below `home`, making its cluster first where there is none; returns at once where it runs.
 * Two commands may race for it: one cluster and one server come of it, and both return the same.
 * @throws ConfigurationError (`server_unavailable`, `home_unusable`), StateError (`port_taken`, `server_start_failed`)
 */
export async function startServer(options: StartOptions): Promise<ServerStatus & {url: ConnectionUrl}> {
  const {home, port, progress, signal} = options
  const files = serverFiles(home)
  const before = await serverStatus(home)
  if (before.url !== undefined) return checkPort({...before, url: before.url}, port)

  const account = await serverAccount(files.data)
  await makeHome(home, account)
  const programs = await preparePrograms(home, account)
  if (before.state === 'absent') {
    progress(`Making a Postgres server in ${home}; this happens once.`)
    await createCluster(home, programs, account, signal)
  } else progress('Starting the embedded Postgres server.')

  await disarmStalePidFile(files.data)
  await launch({files, programs, account, port, signal})
  const after = await serverStatus(home)
  if (after.url === undefined) throw await startFailed(files)
  await writeFile(files.port, String(after.port))
  return {...after, url: after.url}
}

/**
 * Stops the server below `home`; sessions are ended, transactions in flight rolled back. False if it did not run.
 * @throws StateError (`server_stop_failed`)
 */
export async function stopServer(home: string): Promise<boolean> {
  const files = serverFiles(home)
  if ((await serverStatus(home)).state !== 'running') return false
  const account = await serverAccount(files.data)
  const programs = await preparePrograms(home, account)
  const {exitCode} = await runProgram(programs, 'pg_ctl', ['stop', '-D', files.data, '-m', 'fast', '-w', '-s'], {account, cwd: files.cluster})
  if (exitCode === 0 || (await serverStatus(home)).state !== 'running') return true
  throw new StateError('The embedded server did not stop within 60 s.', {
    code: 'server_stop_failed',
    next: [`Look into ${files.log}.`],
  })
}

interface Launch {
  files: ServerFiles
  programs: string
  account?: Account
  port?: number
  signal?: AbortSignal
}

async function launch({files, programs, account, port, signal}: Launch): Promise<void> {
  // One that starts up or shuts down at this moment has to finish first.
  if (await startedByOther(files, signal)) return
  const kept = port ?? (await recordedPort(files.port))
  let candidate = kept ?? (await freePort(preferredPort(files.home, defaultHome(process.env))))
  while (candidate !== undefined) {
    const args = ['start', '-D', files.data, '-l', files.log, '-w', '-s', '-o', `-p ${candidate}`]
    const running = runProgram(programs, 'pg_ctl', args, {account, cwd: files.cluster, signal, capture: false})
    const {exitCode} = await Promise.race([running, whenReady(files, running)])
    if (exitCode === 0 || (await startedByOther(files, signal))) return
    if (await isFree(candidate)) throw await startFailed(files)
    if (kept !== undefined) throw portTaken(kept)
    candidate = await freePort(candidate + 1)
  }

  throw portTaken()
}

/** Never settles once pg_ctl has ended, which looks only ten times a second whether the server is up. */
async function whenReady({data}: ServerFiles, pgCtl: Promise<unknown>): Promise<{exitCode: number}> {
  let ended = false
  const end = (): void => void (ended = true)
  pgCtl.then(end, end)
  for (;;) {
    await delay(pollMs)
    if (ended) return new Promise(() => undefined)
    if ((await findPostmaster(data).catch(() => undefined))?.ready) return {exitCode: 0}
  }
}

/** Another command may be starting the same server, and then ours has refused to run beside it. */
async function startedByOther({data}: ServerFiles, signal?: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + readyWithinMs
  for (;;) {
    const other = await findPostmaster(data)
    if (other === undefined || other.ready) return other !== undefined
    if (Date.now() > deadline) return false
    await delay(pollMs, undefined, {signal})
  }
}

function checkPort(running: ServerStatus & {url: ConnectionUrl}, wanted?: number): ServerStatus & {url: ConnectionUrl} {
  if (wanted === undefined || wanted === running.port) return running
  throw new StateError(`The embedded server runs on port ${running.port} already.`, {
    code: 'server_running',
    next: [`cruddur-db server:stop && cruddur-db server:start --port ${wanted}`],
  })
}

function portTaken(port?: number): StateError {
  const message = port === undefined ? 'No port is free for the embedded server.' : `Port ${port} of the embedded server is taken by another program.`
  return new StateError(message, {
    code: 'port_taken',
    next: ['Stop that program, or give the server another port: cruddur-db server:start --port 15433'],
    details: {port},
  })
}

async function startFailed({log}: ServerFiles): Promise<StateError> {
  const lines = (await readFile(log, 'utf8').catch(() => '')).trimEnd().split('\n')
  const reason = lines.filter((line) => /\b(FATAL|PANIC|ERROR):/.test(line)).at(-1)
  const said = reason === undefined ? '' : `: ${reason.replace(/^.*?(FATAL|PANIC|ERROR): */, '')}`
  return new StateError(`The embedded server did not start${said}.`, {code: 'server_start_failed', next: [`Look into ${log}.`]})
}

async function readPassword({password}: ServerFiles): Promise<string | undefined> {
  try {
    return await readFile(password, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined
    throw new ConfigurationError(`The embedded server below ${password.slice(0, -'/password'.length)} belongs to another user.`, {
      code: 'home_unusable',
      next: ['Run the command as that user, or set CRUDDUR_DB_HOME to a folder of your own.'],
      cause: error,
    })
  }
}
