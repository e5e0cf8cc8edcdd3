import {Flags} from '@oclif/core'
import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {waitForTarget, type WaitResult} from '../lib/doctor/wait.js'
import {parseDuration} from '../lib/text/duration.js'
import {formatDuration} from '../lib/text/format.js'

export default class Wait extends DatabaseCommand {
  static override summary = 'Wait until a database server answers.'
  static override description =
    'It tries again if there is no answer, if the connection is refused or closed, or if the server is starting. It fails at once if the password or the certificate is wrong. The server may answer that the database does not exist, unless --database is given.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> && <%= config.bin %> setup',
    '<%= config.bin %> <%= command.id %> staging --timeout 5m',
    '<%= config.bin %> <%= command.id %> --database && npm start',
  ]
  static override args = targetArg
  static override flags = {
    database: Flags.boolean({description: 'Wait until the database exists and answers a query.'}),
    timeout: Flags.string({
      char: 't',
      description: 'The time limit, for example 90s or 5m. 0 tries once.',
      helpValue: 'time',
      default: '60s',
    }),
  }

  async run(): Promise<WaitResult> {
    const {args, flags} = await this.parse(Wait)
    const timeout = parseDuration(flags.timeout, '--timeout')
    const result = await waitForTarget({timeout, forDatabase: flags.database}, await this.open(args.target))
    const {database, exists, milliseconds} = result
    this.print(`${exists ? database : 'The server'} answered after ${formatDuration(milliseconds)}.`)
    if (!exists) this.print(`The database "${database}" does not exist yet. To build it: ${hint('setup', args.target)}`)
    return result
  }
}
