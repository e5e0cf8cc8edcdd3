import {Flags} from '@oclif/core'
import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {parseDuration} from '../lib/cli/duration.js'
import {formatDuration} from '../lib/cli/format.js'
import {waitForTarget, type WaitResult} from '../lib/operations/wait.js'

export default class Wait extends DatabaseCommand {
  static override summary = 'Wait until a database answers a query.'
  static override description =
    'What may pass is tried again: no answer, a refused connection, a server that starts up. What will not, a wrong password say, ends it at once.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> staging --timeout 5m',
    '<%= config.bin %> <%= command.id %> && npm start',
  ]
  static override args = targetArg
  static override flags = {
    timeout: Flags.string({description: 'Give up after this: 90s, 5m; 0 tries once.', helpValue: 'time', default: '60s'}),
  }

  async run(): Promise<WaitResult> {
    const {args, flags} = await this.parse(Wait)
    const timeout = parseDuration(flags.timeout, '--timeout')
    const result = await waitForTarget({timeout}, await this.open(args.target))
    this.print(`${result.database} answers, after ${formatDuration(result.milliseconds)}.`)
    return result
  }
}
