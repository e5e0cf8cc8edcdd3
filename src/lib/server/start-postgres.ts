import {spawn} from 'node:child_process'
import {closeSync, openSync} from 'node:fs'
import {join} from 'node:path'
import {errorCode, InterruptedError} from '../errors.js'
import type {ServerFiles} from './home.js'
import {type Account, unavailable} from './programs.js'
import {runServerProgram, serverEnvironment} from './run-program.js'

export interface Launch {
  files: ServerFiles
  programs: string
  account?: Account
  signal?: AbortSignal
}

/**
 * Starts the server on a port, and resolves when it ends. `postgres` is started without `pg_ctl start`, which writes the
 * paths into a command of the shell, where `$`, `"`, a backquote and a backslash have a meaning. On Windows `pg_ctl` is
 * needed, because only it gives up the rights of an administrator; it resolves when the server is ready.
 */
export async function startPostgres(port: number, launch: Launch): Promise<{exitCode: number}> {
  const {files, programs, account, signal} = launch
  if (process.platform === 'win32') {
    const args = ['start', '-D', files.data, '-l', files.log, '-w', '-s', '-o', `-p ${port}`]
    return runServerProgram(programs, 'pg_ctl', args, {cwd: files.cluster, signal, capture: false})
  }

  if (signal?.aborted) throw new InterruptedError(signal.reason)
  const log = openSync(files.log, 'a', 0o600)
  const server = spawn(join(programs, 'bin', 'postgres'), ['-D', files.data, '-p', String(port)], {
    ...account,
    cwd: files.cluster,
    env: serverEnvironment(),
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('exit', (exitCode) => resolve({exitCode: exitCode ?? 1}))
    server.once('error', (error) =>
      reject(unavailable(`its postgres does not run here (${errorCode(error) ?? 'no reason given'})`, error)),
    )
    // Like pg_ctl, an interrupted command leaves a server that is starting alone.
    signal?.addEventListener('abort', () => reject(new InterruptedError(signal.reason)), {once: true})
  })
}
