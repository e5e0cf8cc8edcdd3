import {existsSync} from 'node:fs'
import {lstat, readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {isAlive} from './cluster.js'
import {readGuarded, writeGuarded} from './guarded-file.js'

/** The server process, from `postmaster.pid` and the process list. */
export interface Postmaster {
  pid: number
  port: number
  /** False while it is starting or stopping. */
  ready: boolean
}

/** The largest process id in Postgres, which no process has. */
const deadPid = 2_147_483_647

/**
 * Finds the running server of a data folder with `postmaster.pid`
 * (https://www.postgresql.org/docs/current/storage-file-layout.html). Undefined if the file is missing, or stale: the
 * process is gone, or is another program after a reboot.
 */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const lines = await readPidFile(data)
  if (lines === undefined) return undefined
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid) || !(await isPostgresOf(pid, data))) return undefined
  return {pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready'}
}

/**
 * Whether the server's program file is gone, so that it cannot load its libraries. In `postmaster.opts` its path is before
 * options in double quotes. The path may have such quotes too, so it is gone if nothing is there up to any of them.
 */
export async function isProgramGone(data: string): Promise<boolean> {
  const line = (await readGuarded(join(data, 'postmaster.opts')))?.trimEnd()
  if (line === undefined || line === '') return false
  const parts = line.split(' "')
  return parts.every((_, index) => !existsSync(parts.slice(0, index + 1).join(' "')))
}

/**
 * Makes Postgres recognize a stale `postmaster.pid`. Its own check fails if another program of this user has the process id
 * by now. The file is not deleted, because Postgres finds orphaned backends by its shared memory key.
 */
export async function disarmStalePidFile(data: string): Promise<void> {
  const lines = await readPidFile(data)
  if (lines === undefined || (await findPostmaster(data)) !== undefined) return
  if (isAlive(Number(lines[0])))
    await writeGuarded(join(data, 'postmaster.pid'), [deadPid, ...lines.slice(1)].join('\n'))
}

async function readPidFile(data: string): Promise<string[] | undefined> {
  return (await readGuarded(join(data, 'postmaster.pid')))?.split('\n')
}

/** Whether the process belongs to the owner of the data, who alone may start its server, and was started for it. */
async function isPostgresOf(pid: number, data: string): Promise<boolean> {
  if (process.platform === 'win32') return true
  const {uid} = await lstat(data)
  if (process.platform === 'linux') {
    const [owner, command] = await Promise.all([stat(`/proc/${pid}`), readFile(`/proc/${pid}/cmdline`, 'utf8')]).catch(
      () => [{uid: NaN}, ''] as const,
    )
    return owner.uid === uid && command.includes(data)
  }

  const {execa} = await import('execa')
  const {stdout} = await execa('ps', ['-o', 'uid=,command=', '-p', String(pid)], {reject: false})
  return Number.parseInt(stdout, 10) === uid && stdout.includes(data)
}
