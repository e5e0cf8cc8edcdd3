import {execa} from 'execa'
import {existsSync} from 'node:fs'
import {dirname} from 'node:path'
import {withLibpqVariables} from '../../access/libpq-variables.js'
import {workingFolder} from '../../targets/account.js'
import type {Target} from '../../targets/target.js'
import {dumpFailure} from './dump-failure.js'

export interface InstalledOptions {
  target: Target
  /** The major version of the server. An older pg_dump cannot dump it. */
  version: number
  args: readonly string[]
  /** The caller's environment. pg_dump gets only what a program needs to run. */
  env: NodeJS.ProcessEnv
  signal: AbortSignal
}

const passedOn =
  /^(PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|PGPASSFILE|SYSTEMROOT|APPDATA|LOCALAPPDATA|USERPROFILE|COMSPEC|PATHEXT)$/i
/** A schema of ten thousand tables has some 10 MB. */
const maxBytes = 500_000_000

/**
 * Runs the pg_dump on the PATH, and returns what it writes; undefined if none is installed, or if it is older than the
 * server. The target is passed in `PG*` variables, because every user of the machine can read arguments.
 * @throws SqlError (`dump_failed`), InterruptedError
 */
export async function runInstalled(options: InstalledOptions): Promise<string | undefined> {
  const {target, version, args, env, signal} = options
  const folder = workingFolder()
  const inherited = Object.fromEntries(Object.entries(env).filter(([name]) => passedOn.test(name)))
  const run = async (given: readonly string[], variables: NodeJS.ProcessEnv = {}) => {
    const result = await execa('pg_dump', given, {
      stdin: 'ignore',
      // execa refuses a deleted working folder.
      cwd: existsSync(folder) ? folder : dirname(process.execPath),
      env: {...inherited, ...variables},
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
      maxBuffer: maxBytes,
      cancelSignal: signal,
    })
    signal.throwIfAborted()
    return result
  }
  const {stdout = ''} = await run(['--version'])
  if (!(Number(/ (\d+)/.exec(stdout)?.[1]) >= version)) return undefined
  return withLibpqVariables(target, 'cruddur-db', async (variables) => {
    const dumped = await run(['--no-password', ...args], variables)
    if (dumped.exitCode !== 0) throw dumpFailure(dumped.stderr, undefined, target.url)
    return dumped.stdout
  })
}
