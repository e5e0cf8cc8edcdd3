import {join} from 'node:path'
import {errorCode, InterruptedError} from '../errors.js'
import {type Account, unavailable} from './programs.js'

/** How one of Postgres's programs ended. */
export interface ProgramResult {
  exitCode: number
  output: string
}

/** Under which account and where a program runs. */
export interface ProgramOptions {
  account?: Account
  /** A folder that the account can enter: the current one may be closed to it. */
  cwd: string
  signal?: AbortSignal
  /** False for a program that leaves a server behind, which would hold the pipes open. */
  capture?: boolean
}

/**
 * Runs `initdb` or `pg_ctl` with the least environment it needs: no variable of the caller's, a secret among them
 * maybe, reaches the server, and messages come in English.
 */
export async function runProgram(
  programs: string,
  name: 'initdb' | 'pg_ctl',
  args: string[],
  {account, cwd, signal, capture = true}: ProgramOptions,
): Promise<ProgramResult> {
  const {PATH, TZ, SystemRoot, TEMP} = process.env
  // Loaded here, since most runs find the server running and start no program.
  const {execa} = await import('execa')
  const result = await execa(join(programs, 'bin', name), args, {
    ...account,
    cwd,
    env: {PATH, TZ, SystemRoot, TEMP, LC_ALL: 'C'},
    extendEnv: false,
    reject: false,
    all: true,
    stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'ignore',
    cancelSignal: signal,
    windowsHide: true,
  })
  if (result.isCanceled) throw new InterruptedError(signal?.reason)
  if (result.exitCode === undefined) {
    throw unavailable(
      `its ${name} does not run here (${errorCode(result) ?? result.signal ?? 'no reason given'})`,
      result,
    )
  }

  return {exitCode: result.exitCode, output: typeof result.all === 'string' ? result.all : ''}
}
