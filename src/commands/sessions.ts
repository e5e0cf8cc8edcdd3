import {Flags} from '@oclif/core'
import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {renderSessions} from '../lib/cli/session-table.js'
import {styleOf} from '../lib/cli/style.js'
import {type ClosedSessions, listSessions, type SessionList} from '../lib/operations/list-sessions.js'

export default class Sessions extends DatabaseCommand {
  static override summary = 'Show who is connected, and how many sessions have closed.'
  static override description = 'All databases of the server, without the connection that asks.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod',
    '<%= config.bin %> <%= command.id %> prod --json',
  ]
  static override args = targetArg
  static override flags = {all: Flags.boolean({description: "The server's background workers too."})}

  async run(): Promise<SessionList> {
    const {args, flags} = await this.parse(Sessions)
    const list = await listSessions({all: flags.all}, await this.open(args.target))
    const {active, idle, idleInTransaction, closed} = list.summary
    if (list.sessions.length > 0) {
      this.print(`${renderSessions(list.sessions, process.stdout.columns, styleOf('stdout'))}\n`)
    }

    const present = `${active} active, ${idle} idle, ${idleInTransaction} idle in transaction`
    const gone = closed === undefined ? 'closed not counted before Postgres 14' : describeClosed(closed)
    const fits = present.length + gone.length + 2 <= (process.stdout.columns ?? Infinity)
    this.print(`${present},${fits ? ' ' : '\n'}${gone}`)
    return list
  }
}

const describeClosed = ({closed, abandoned, fatal, killed}: ClosedSessions): string =>
  `${closed} closed (${abandoned} abandoned, ${fatal} fatal, ${killed} killed)`
