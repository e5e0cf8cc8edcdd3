import {execa} from 'execa'
import {errorCode, MissingProgramError} from '../errors.js'
import type {Target} from '../target/target.js'
import {withPsqlVariables} from './psql-variables.js'

/** What {@link connect} takes. */
export interface ConnectOptions {
  target: Target
  /** Passed on to psql as they are. */
  args: string[]
  /** The caller's environment, of which psql gets what a terminal program needs. */
  env: NodeJS.ProcessEnv
  /** The program to run; tests put another in its place. */
  program?: string
}

const passedOn = /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|TERMINFO|COLORTERM|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|PAGER|LESS\w*|VISUAL|EDITOR|INPUTRC|XDG_\w+|PSQL\w*|PGPASSFILE|SYSTEMROOT|APPDATA|USERPROFILE|COMSPEC|PATHEXT)$/i

/**
 * Runs psql on the target and returns its exit code. The target goes in `PG*` variables, never in argv, which every
 * user of the machine can read, and an IAM token or Amazon's roots in a folder of its own that goes with psql; no other `PG*` variable that could lead psql elsewhere is passed on.
 * @throws MissingProgramError (`psql_missing`), AwsError
 */
export async function connect({target, args, env, program = 'psql'}: ConnectOptions): Promise<number> {
  const inherited = Object.fromEntries(Object.entries(env).filter(([name]) => passedOn.test(name)))
  const result: {exitCode?: number} = await withPsqlVariables(target, (variables) =>
    execa(program, args, {stdio: 'inherit', env: {...inherited, ...variables}, extendEnv: false, reject: false}),
  )
  if (errorCode(result) === 'ENOENT') throw missingPsql(result)
  return result.exitCode ?? 1
}

function missingPsql(cause: unknown): MissingProgramError {
  return new MissingProgramError('psql is not installed, or not on the PATH.', {
    code: 'psql_missing',
    next: [
      'Debian, Ubuntu: sudo apt-get install postgresql-client',
      'macOS: brew install libpq && brew link --force libpq',
      'Windows: the installer of postgresql.org, with Command Line Tools',
    ],
    cause,
  })
}
