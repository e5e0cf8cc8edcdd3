import {execa, type ResultPromise} from 'execa'
import {tmpdir} from 'node:os'
import {fileURLToPath} from 'node:url'
import {checkDocument} from './schema.js'

/** The built program, started as users start it. */
export const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** The only variables a program inherits, so that no setting of the machine reaches a test and no file leaves the test's folder. */
export const bareEnvironment = {PATH: process.env['PATH'], TMPDIR: tmpdir()}

/** The outcome of a run. */
export interface CliResult {
  exitCode: number | undefined
  stdout: string
  stderr: string
}

export interface CliOptions {
  /** Added to {@link bareEnvironment}. */
  env?: NodeJS.ProcessEnv
  cwd?: string
  input?: string
  /** Another copy of the program, in place of the one in dist/. */
  entry?: string
  /** Another account to run as, for a test that runs as root. */
  account?: {uid: number; gid: number}
}

/** The built program under way. */
export type Running = ResultPromise<{reject: false}>

/** Starts the built program as a child process, for a test that does something while it runs. */
export function start(args: string[], {env = {}, cwd, input = '', entry = program, account}: CliOptions = {}): Running {
  return execa(process.execPath, [entry, ...args], {
    ...account,
    env: {...bareEnvironment, ...env},
    extendEnv: false,
    cwd,
    input,
    reject: false,
  })
}

/** Runs the built program and returns what a user would see. */
export async function cli(args: string[], options: CliOptions = {}): Promise<CliResult> {
  const {exitCode, stdout, stderr} = await start(args, options)
  return {exitCode, stdout, stderr}
}

/** The one JSON document that a `--json` run prints. */
export interface JsonDocument {
  schema: string
  command: string | null
  target: {name: string; user: string; host: string; port: number; database: string} | null
  result?: Record<string, unknown>
  error?: {
    code: string
    exit_code: number
    message: string
    next: string[]
    details: Record<string, unknown>
    step?: string
  }
  warnings: string[]
  duration_ms: number
}

/** Parses the document of a `--json` run and validates it against the package's schema. */
export function json({stdout}: Pick<CliResult, 'stdout'>): JsonDocument {
  const document = JSON.parse(stdout) as JsonDocument
  checkDocument(document)
  return document
}
