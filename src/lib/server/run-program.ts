import {join} from 'node:path'
import {errorCode, InterruptedError} from '../errors.js'
import {type Account, unavailable} from './programs.js'

export interface ProgramResult {
  exitCode: number
  output: string
}

export interface ProgramOptions {
  account?: Account
  /** A folder that the account can enter, because the current one may be closed to it. */
  cwd: string
  signal?: AbortSignal
  /** False for a program that starts a server, which would keep the pipes open. */
  capture?: boolean
}

/** A minimal environment, so that no secret of the caller reaches the server and messages are in English. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const {PATH, TZ, SystemRoot, TEMP} = process.env
  return {PATH, TZ, SystemRoot, TEMP, LC_ALL: 'C'}
}

/** Runs `initdb` or `pg_ctl` in {@link serverEnvironment}. */
export async function runServerProgram(
  programs: string,
  name: 'initdb' | 'pg_ctl',
  args: string[],
  {account, cwd, signal, capture = true}: ProgramOptions,
): Promise<ProgramResult> {
  // Loaded here, because most commands find the server running and start no program.
  const {execa} = await import('execa')
  const result = await execa(join(programs, 'bin', name), args, {
    ...account,
    cwd,
    env: serverEnvironment(),
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
