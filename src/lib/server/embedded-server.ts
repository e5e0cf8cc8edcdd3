import {readFile, writeFile} from 'node:fs/promises'
import {setTimeout as delay} from 'node:timers/promises'
import {StateError} from '../errors.js'
import {ConnectionUrl} from '../targets/connection-url.js'
import {embeddedHost} from '../targets/target.js'
import {serverAccount} from './account.js'
import {createCluster, makeHome} from './cluster.js'
import {defaultHome, readPassword, recordedPort, serverFiles, type ServerFiles, serverUser} from './home.js'
import {freePort, isFree, preferredPort} from './port.js'
import {disarmStalePidFile, findPostmaster, isProgramGone} from './postmaster.js'
import {preparePrograms} from './programs.js'
import {runServerProgram} from './run-program.js'
import {type Launch, startPostgres} from './start-postgres.js'

const readyWithinMs = 60_000
const stoppedWithinMs = 60_000
const startPollMs = 10

/** The current state of the embedded server. */
export interface ServerStatus {
  state: 'absent' | 'stopped' | 'running'
  home: string
  data: string
  log: string
  pid?: number
  port?: number
  /** The URL of its database `postgres`, if it is running and usable. */
  url?: ConnectionUrl
  /** It is running, but its program files were moved or deleted. It must be restarted, because it cannot load libraries. */
  programsGone?: boolean
}

export interface ServerStartOptions {
  home: string
  /** The port from now on. Without it, the earlier port is used, or the first free one. */
  port?: number
  /** Called before steps that take time. */
  progress: (remark: string) => void
  signal?: AbortSignal
}

/**
 * Reads the state of the server in `home`, and changes nothing.
 * @throws ConfigurationError (`home_unusable`) if the files belong to another user
 */
export async function serverStatus(home: string): Promise<ServerStatus> {
  const files = serverFiles(home)
  const places = {home, data: files.data, log: files.log}
  const password = await readPassword(files)
  if (password === undefined) return {state: 'absent', ...places}
  const postmaster = await findPostmaster(files.data)
  if (!postmaster?.ready) return {state: 'stopped', ...places, port: await recordedPort(files.port)}
  const {pid, port} = postmaster
  const running = {state: 'running', ...places, pid, port} as const
  if (await isProgramGone(files.data)) return {...running, programsGone: true}
  return {
    ...running,
    url: ConnectionUrl.of({host: embeddedHost, port, user: serverUser, password, database: 'postgres'}),
  }
}

/**
 * Starts the server in `home`, and creates its cluster first if there is none. Returns at once if it is running. Two
 * commands may do this at the same time: there will be one cluster and one server, and both return the same.
 * @throws ConfigurationError (`server_unavailable`, `home_unusable`), StateError (`port_taken`, `server_start_failed`)
 */
export async function startServer(options: ServerStartOptions): Promise<ServerStatus & {url: ConnectionUrl}> {
  const {home, port, progress, signal} = options
  const files = serverFiles(home)
  const before = await serverStatus(home)
  if (before.url !== undefined) return checkPort({...before, url: before.url}, port)
  if (before.programsGone) {
    progress('The program files of the embedded server were moved or deleted. Restarting it, which ends its sessions.')
    await stopServer(home)
    return startServer(options)
  }

  const account = await serverAccount(files.data)
  await makeHome(home, account)
  const programs = await preparePrograms(home, account)
  if (before.state === 'absent') {
    progress(`Creating a Postgres server in ${home}. This happens only once.`)
    await createCluster(home, programs, account, signal)
  } else progress('Starting the embedded Postgres server.')

  await disarmStalePidFile(files.data)
  await launch({files, programs, account, signal}, port)
  const after = await serverStatus(home)
  if (after.url === undefined) throw await startFailed(files)
  await writeFile(files.port, String(after.port))
  return {...after, url: after.url}
}

/**
 * Stops the server in `home`. Sessions are ended and open transactions rolled back. Returns false if it was not running.
 * @throws StateError (`server_stop_failed`)
 */
export async function stopServer(home: string): Promise<boolean> {
  const files = serverFiles(home)
  const {state, pid} = await serverStatus(home)
  if (state !== 'running') return false
  const account = await serverAccount(files.data)
  const programs = await preparePrograms(home, account)
  // Without pg_ctl's own wait, which lasts a minute if another command starts the server again during it.
  const {exitCode} = await runServerProgram(programs, 'pg_ctl', ['stop', '-D', files.data, '-m', 'fast', '-W', '-s'], {
    account,
    cwd: files.cluster,
  })
  const deadline = exitCode === 0 ? Date.now() + stoppedWithinMs : 0
  while ((await findPostmaster(files.data))?.pid === pid) {
    if (Date.now() > deadline) throw stopFailed(files)
    await delay(startPollMs)
  }

  return true
}

function stopFailed({log}: ServerFiles): StateError {
  return new StateError('The embedded server did not stop.', {
    code: 'server_stop_failed',
    next: [`Read the log: ${log}`],
  })
}

async function launch(how: Launch, port?: number): Promise<void> {
  const {files, signal} = how
  // A server that is starting or stopping must finish first.
  if (await startedByOther(files, signal)) return
  const kept = port ?? (await recordedPort(files.port))
  let candidate = kept ?? (await freePort(preferredPort(files.home, usualHome())))
  while (candidate !== undefined) {
    const running = startPostgres(candidate, how)
    const {exitCode} = await Promise.race([running, whenReady(files, running)])
    if (exitCode === 0 || (await startedByOther(files, signal))) return
    if (await isFree(candidate)) throw await startFailed(files)
    if (kept !== undefined) throw portTaken(kept)
    candidate = await freePort(candidate + 1)
  }

  throw portTaken()
}

/** Undefined if this account has no home folder. */
function usualHome(): string | undefined {
  try {
    return defaultHome(process.env)
  } catch {
    return undefined
  }
}

/** Resolves when the server is ready, or has not become ready in time. Never settles after it has ended. */
async function whenReady({data}: ServerFiles, server: Promise<unknown>): Promise<{exitCode: number}> {
  let ended = false
  const end = (): void => void (ended = true)
  server.then(end, end)
  for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline;) {
    await delay(startPollMs)
    if (ended) return new Promise(() => undefined)
    if ((await findPostmaster(data).catch(() => undefined))?.ready) return {exitCode: 0}
  }

  return {exitCode: 1}
}

/** Whether another command is starting the same server; then the second server refuses to start. */
async function startedByOther({data}: ServerFiles, signal?: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + readyWithinMs
  for (;;) {
    const other = await findPostmaster(data)
    if (other === undefined || other.ready) return other !== undefined
    if (Date.now() > deadline) return false
    await delay(startPollMs, undefined, {signal})
  }
}

function checkPort(running: ServerStatus & {url: ConnectionUrl}, wanted?: number): ServerStatus & {url: ConnectionUrl} {
  if (wanted === undefined || wanted === running.port) return running
  throw new StateError(`The embedded server is already running on port ${running.port}. Nothing was changed.`, {
    code: 'server_running',
    details: {port: running.port, wantedPort: wanted},
  })
}

function portTaken(port?: number): StateError {
  const message =
    port === undefined
      ? 'No port is free for the embedded server.'
      : `Port ${port} of the embedded server is in use by another program.`
  return new StateError(message, {
    code: 'port_taken',
    details: {port},
  })
}

async function startFailed({log}: ServerFiles): Promise<StateError> {
  const lines = (await readFile(log, 'utf8').catch(() => '')).trimEnd().split('\n')
  const reason = lines.filter((line) => /\b(FATAL|PANIC|ERROR):/.test(line)).at(-1)
  const said = reason === undefined ? '' : `: ${reason.replace(/^.*?(FATAL|PANIC|ERROR): */, '')}`
  return new StateError(`The embedded server did not start${said}.`, {
    code: 'server_start_failed',
    next: [`Read the log: ${log}`],
  })
}
