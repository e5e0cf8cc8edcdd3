import {execa} from 'execa'
import {errorCode, MissingProgramError} from '../errors.js'
import {historyFile} from './history-file.js'
import {psqlPrompt, withPsqlrc} from './psql-prompt.js'
import {withPsqlVariables} from './psql-variables.js'
import type {Session} from './session.js'

/** What {@link connect} takes. */
export interface ConnectOptions {
  session: Session
  /** Passed on to psql as they are. */
  args: string[]
  /** The caller's environment, of which psql gets what a terminal program needs. */
  env: NodeJS.ProcessEnv
  /** Whether the prompt may be coloured. */
  colour: boolean
  /** Ends psql. */
  signal: AbortSignal
}

const passedOn =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|TERMINFO|COLORTERM|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|PAGER|LESS\w*|VISUAL|EDITOR|INPUTRC|XDG_\w+|PSQL\w*|PGPASSFILE|SYSTEMROOT|APPDATA|LOCALAPPDATA|USERPROFILE|COMSPEC|PATHEXT)$/i

/**
 * Runs psql on the session's target and returns its exit code; undefined where psql is not installed. The target goes in
 * `PG*` variables, never in argv, which every user of the machine can read, and an IAM token or Amazon's roots in a folder
 * of its own that goes with psql; no other `PG*` variable that could lead psql elsewhere is passed on.
 * @throws AwsError, InterruptedError
 */
export async function connect({session, args, env, colour, signal}: ConnectOptions): Promise<number | undefined> {
  const inherited = Object.fromEntries(Object.entries(env).filter(([name]) => passedOn.test(name)))
  const prompt = psqlPrompt(session, colour)
  // psqlrc is read after these, and not at all with -X.
  const prompts = ['PROMPT1', 'PROMPT2'].map((name) => `--set=${name}=${prompt}`)
  const history = env['PSQL_HISTORY'] === undefined ? historyFile(session.target.name, 'psql', env) : undefined
  const run = async (variables: NodeJS.ProcessEnv): Promise<number | undefined> => {
    const all = {...inherited, ...(history === undefined ? {} : {PSQL_HISTORY: history}), ...variables}
    const result: {exitCode?: number} = await execa('psql', [...prompts, ...args], {
      stdio: 'inherit',
      env: all,
      extendEnv: false,
      reject: false,
      cancelSignal: signal,
    })
    signal.throwIfAborted()
    return errorCode(result) === 'ENOENT' ? undefined : (result.exitCode ?? 1)
  }
  return withPsqlVariables(session.target, (variables) => {
    // A prompt of the user's own is his choice where nothing is at stake.
    if (session.access === 'free') return run(variables)
    return withPsqlrc(prompt, env, (psqlrc) => run({...variables, ...psqlrc}))
  })
}

/** The error of a machine without psql where `argument` needs it, with the ways to install it. */
export function psqlMissing(argument: string): MissingProgramError {
  return new MissingProgramError(`psql is not installed, or not on the PATH, and ${argument} needs it.`, {
    code: 'psql_missing',
    next: [
      'Without it there are -c SQL and -f FILE.',
      'Debian, Ubuntu: sudo apt-get install postgresql-client',
      'macOS: brew install libpq && brew link --force libpq',
      'Windows: the installer of postgresql.org, with Command Line Tools',
    ],
  })
}
