import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {leaveInterruptsToChild} from '../lib/cli/interruption.js'
import {connect} from '../lib/operations/connect.js'

export default class Connect extends DatabaseCommand {
  static override summary = 'Open psql on a database.'
  static override description = 'Everything after -- goes to psql, and psql\'s exit code comes back.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod',
    "<%= config.bin %> <%= command.id %> -- -c 'select count(*) from activities'",
  ]
  static override enableJsonFlag = false
  static override args = targetArg
  static override usage = '<%= command.id %> [TARGET] [-- PSQL ARGS]'

  async run(): Promise<void> {
    const separator = this.argv.indexOf('--')
    const own = separator === -1 ? this.argv : this.argv.slice(0, separator)
    const psqlArgs = separator === -1 ? [] : this.argv.slice(separator + 1)
    const {args} = await this.parse(Connect, own)
    const {target} = await this.open(args.target)
    leaveInterruptsToChild()
    process.exitCode = await connect({target, args: psqlArgs, env: process.env})
  }
}
