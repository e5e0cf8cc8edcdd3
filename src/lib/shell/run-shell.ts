import {withSqlSession} from '../postgres/wire/sql-session.js'
import {readArguments} from './arguments.js'
import {type ConversationOptions, converse} from './conversation.js'
import {Shell} from './shell.js'

export interface ShellOptions extends Omit<ConversationOptions, 'shell'> {
  /** The arguments for psql. */
  args: string[]
  /** Whether the user has asked for this shell. Otherwise psql is not installed. */
  chosen: boolean
  /** Prints a line on stderr. */
  remark: (line: string) => void
  /** Creates a controller that aborts on Ctrl-C; only used if the shell is not interactive. */
  abortOnInterrupt: () => AbortController
}

/**
 * The built-in SQL shell. On a terminal it is interactive; otherwise it runs stdin, `-c` or `-f`, and ends at the first
 * error.
 * @throws MissingProgramError for other arguments of psql, SqlError, ConnectionError, InterruptedError
 */
export async function runShell({
  session,
  args,
  chosen,
  env,
  remark,
  abortOnInterrupt,
  renderError,
}: ShellOptions): Promise<void> {
  const asked = readArguments(args)
  const {jobs} = asked
  const converses = jobs.length === 0 && process.stdin.isTTY && process.stdout.isTTY
  const why = chosen ? '' : 'psql is not installed. '
  if (converses || !chosen) remark(`${why}This is the built-in SQL shell.${converses ? ' For help: \\?' : ''}`)
  const {url: target} = session.target
  const url = target.parameters.has('application_name')
    ? target
    : target.withParameter('application_name', 'cruddur-db connect')
  const shell = new Shell(env, session.access, converses)
  const signal = converses ? undefined : abortOnInterrupt().signal
  await withSqlSession({url, events: shell, signal}, async (sql) => {
    await sql.connect()
    shell.begin(sql, asked)
    try {
      if (converses) await converse({session, shell, env, renderError})
      else for (const job of jobs.length === 0 ? [{kind: 'file', text: '-'} as const] : jobs) await shell.run(job)
    } finally {
      await shell.end()
    }
  })
}
