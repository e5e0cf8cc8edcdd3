import {Flags} from '@oclif/core'
import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {waitForTarget, type WaitResult} from '../lib/doctor/wait.js'
import {parseDuration} from '../lib/text/duration.js'
import {formatDuration} from '../lib/text/format.js'

export default class Wait extends DatabaseCommand {
  static override summary = 'Wait until a database server answers.'
  static override description =
    'It tries again while there is no answer, the connection is refused or closed, or the server is starting up. A wrong password or a certificate that does not verify ends it at once. A database that does not exist is an answer, too, unless --database is given.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> && <%= config.bin %> setup',
    '<%= config.bin %> <%= command.id %> staging --timeout 5m',
    '<%= config.bin %> <%= command.id %> --database && npm start',
  ]
  static override args = targetArg
  static override flags = {
    database: Flags.boolean({description: 'Wait until the database answers a query; it may not exist yet.'}),
    timeout: Flags.string({
      char: 't',
      description: 'Give up after this: 90s, 5m; 0 tries once.',
      helpValue: 'time',
      default: '60s',
    }),
  }

  async run(): Promise<WaitResult> {
    const {args, flags} = await this.parse(Wait)
    const timeout = parseDuration(flags.timeout, '--timeout')
    const result = await waitForTarget({timeout, forDatabase: flags.database}, await this.open(args.target))
    const {database, exists, milliseconds} = result
    this.print(`${exists ? database : 'The server'} answers, after ${formatDuration(milliseconds)}.`)
    if (!exists) this.print(`The database "${database}" does not exist yet. To make it: ${hint('setup', args.target)}`)
    return result
  }
}
