import {withSqlSession} from '../postgres/wire/sql-session.js'
import {readJobs} from './arguments.js'
import {type ConversationOptions, converse} from './conversation.js'
import {Shell} from './shell.js'

/** What {@link runShell} takes. */
export interface ShellOptions extends Omit<ConversationOptions, 'shell'> {
  /** The arguments that psql would have been given. */
  args: string[]
  /** Writes a line to stderr. */
  remark: (line: string) => void
  /** A controller that aborts on Ctrl-C; a conversation handles Ctrl-C itself. */
  abortOnInterrupt: () => AbortController
}

/**
 * The SQL shell where psql is not installed. On a terminal it converses, else it runs what comes on stdin, in `-c` or in
 * `-f`, and ends at the first error.
 * @throws MissingProgramError for psql's other arguments, SqlError, ConnectionError, InterruptedError
 */
export async function runShell({
  session,
  args,
  env,
  remark,
  abortOnInterrupt,
  renderError,
}: ShellOptions): Promise<void> {
  const jobs = readJobs(args)
  const converses = jobs.length === 0 && process.stdin.isTTY && process.stdout.isTTY
  remark(`psql is not installed: this is cruddur-db's own shell${converses ? '; \\? for help' : ''}`)
  const {url: target} = session.target
  const url = target.parameters.has('application_name')
    ? target
    : target.withParameter('application_name', 'cruddur-db connect')
  const shell = new Shell(env, converses)
  const signal = converses ? undefined : abortOnInterrupt().signal
  await withSqlSession({url, events: shell, signal}, async (sql) => {
    await sql.connect()
    shell.sql = sql
    if (converses) await converse({session, shell, env, renderError})
    else for (const job of jobs.length === 0 ? [{kind: 'file', text: '-'} as const] : jobs) await shell.run(job)
  })
}
