import {execa} from 'execa'
import {existsSync} from 'node:fs'
import {dirname} from 'node:path'
import {withLibpqVariables} from '../access/libpq-variables.js'
import {errorCode, MissingProgramError} from '../errors.js'
import {workingFolder} from '../targets/account.js'
import {historyFile} from './history-file.js'
import {psqlPrompt, withPsqlrc} from './psql-prompt.js'
import type {ShellSession} from './session.js'

export interface PsqlOptions {
  session: ShellSession
  /** Passed on to psql unchanged. */
  args: string[]
  /** The caller's environment. psql gets only the variables that a terminal program needs. */
  env: NodeJS.ProcessEnv
  /** Whether the prompt may have colors. */
  color: boolean
  /** Ends psql. */
  signal: AbortSignal
}

const passedOn =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|TERMINFO|COLORTERM|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|PAGER|LESS\w*|VISUAL|EDITOR|INPUTRC|XDG_\w+|PSQL\w*|PGPASSFILE|SYSTEMROOT|APPDATA|LOCALAPPDATA|USERPROFILE|COMSPEC|PATHEXT)$/i

/**
 * Runs psql on the session's target and returns its exit code; undefined if psql is not installed. The target is passed in
 * `PG*` variables, because every user of the machine can read arguments. Other `PG*` variables are not passed on, because
 * they could lead psql to another server. IAM tokens and Amazon's root certificates are in a temporary folder.
 * @throws AwsError, InterruptedError
 */
export async function runPsql({session, args, env, color, signal}: PsqlOptions): Promise<number | undefined> {
  const inherited = Object.fromEntries(Object.entries(env).filter(([name]) => passedOn.test(name)))
  const prompt = psqlPrompt(session, color)
  // psql reads psqlrc after these, and not at all with -X.
  const prompts = ['PROMPT1', 'PROMPT2'].map((name) => `--set=${name}=${prompt}`)
  const history = env['PSQL_HISTORY'] === undefined ? historyFile(session.target.name, 'psql', env) : undefined
  const folder = workingFolder()
  const run = async (variables: NodeJS.ProcessEnv): Promise<number | undefined> => {
    const all = {...inherited, ...(history === undefined ? {} : {PSQL_HISTORY: history}), ...variables}
    const result: {exitCode?: number} = await execa('psql', [...prompts, ...args], {
      stdio: 'inherit',
      // execa refuses a deleted working folder.
      cwd: existsSync(folder) ? folder : dirname(process.execPath),
      env: all,
      extendEnv: false,
      reject: false,
      cancelSignal: signal,
    })
    signal.throwIfAborted()
    return errorCode(result) === 'ENOENT' ? undefined : (result.exitCode ?? 1)
  }
  return withLibpqVariables(session.target, 'cruddur-db connect', (variables) => {
    // On a target that is not protected, the user's own prompt is kept.
    if (session.access === 'free') return run(variables)
    return withPsqlrc(prompt, env, (psqlrc) => run({...variables, ...psqlrc}))
  })
}

/** The error if psql is missing and `argument` needs it. */
export function psqlMissing(argument: string): MissingProgramError {
  return new MissingProgramError(`${argument} needs psql, which is not installed or not on the PATH.`, {
    code: 'psql_missing',
    next: [
      'The built-in shell supports -c SQL, -f FILE, -v NAME=VALUE, -o FILE, -q, -A, -t, -x, --csv and -P OPTION.',
      'Debian, Ubuntu: sudo apt-get install postgresql-client',
      'macOS: brew install libpq && brew link --force libpq',
      'Windows: the installer from postgresql.org, with Command Line Tools',
    ],
  })
}
