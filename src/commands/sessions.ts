import {Flags} from '@oclif/core'
import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {renderSessions} from '../lib/cli/session-table.js'
import {styleOf} from '../lib/cli/style.js'
import {listSessions, type SessionList} from '../lib/operations/list-sessions.js'

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

    const ended =
      closed === undefined
        ? 'closed: not counted before Postgres 14'
        : `${closed.closed} closed (${closed.abandoned} abandoned, ${closed.fatal} fatal, ${closed.killed} killed)`
    this.print(`${active} active, ${idle} idle, ${idleInTransaction} idle in transaction, ${ended}`)
    return list
  }
}
