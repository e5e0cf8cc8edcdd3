import {existsSync} from 'node:fs'
import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {errorCode} from '../errors.js'
import {isAlive} from './cluster.js'

/** The server process as its `postmaster.pid` and the process list show it. */
export interface Postmaster {
  pid: number
  port: number
  /** False while it starts up or shuts down. */
  ready: boolean
}

/** No process has this id: the largest that fits Postgres's pid_t. */
const deadPid = 2_147_483_647

/**
 * The running server of that data folder, from the lines of `postmaster.pid`
 * (https://www.postgresql.org/docs/current/storage-file-layout.html). Undefined where the file is missing, or stale:
 * its process is gone or, after a reboot, another program.
 */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const lines = await readPidFile(data)
  if (lines === undefined) return undefined
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid) || !(await isPostgresOf(pid, data))) return undefined
  return {pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready'}
}

/**
 * Whether the program that the server was started as is no longer where it was: then it finds none of its libraries. Its
 * path is the first word of `postmaster.opts`, and options in double quotes follow.
 */
export async function isProgramGone(data: string): Promise<boolean> {
  const [, program] = /^(.+?)(?: "|$)/m.exec(await readFile(join(data, 'postmaster.opts'), 'utf8')) ?? []
  return program !== undefined && !existsSync(program)
}

/**
 * Makes a stale `postmaster.pid` one that Postgres itself takes for stale. Its own check is fooled when another
 * program of ours has got the number; the file stays, since its shared memory key lets Postgres see backends that
 * outlived their server.
 */
export async function disarmStalePidFile(data: string): Promise<void> {
  const lines = await readPidFile(data)
  if (lines === undefined || (await findPostmaster(data)) !== undefined) return
  if (isAlive(Number(lines[0]))) await writeFile(join(data, 'postmaster.pid'), [deadPid, ...lines.slice(1)].join('\n'))
}

async function readPidFile(data: string): Promise<string[] | undefined> {
  try {
    return (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function isPostgresOf(pid: number, data: string): Promise<boolean> {
  if (process.platform === 'win32') return true
  if (process.platform === 'linux')
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(data)
  const {execa} = await import('execa')
  return (await execa('ps', ['-o', 'command=', '-p', String(pid)], {reject: false})).stdout.includes(data)
}
