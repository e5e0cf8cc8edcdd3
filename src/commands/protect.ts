import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {protect, type ProtectResult} from '../lib/databases/protect.js'

export default class Protect extends DatabaseCommand {
  static override summary = 'Require confirmation before a database is destroyed.'
  static override description =
    'It sets a marker in the comment of the database, which is found whichever URL is used. A copy on another server is not protected.'
  static override examples = ['<%= config.bin %> <%= command.id %> prod', '<%= config.bin %> <%= command.id %>']
  static override args = targetArg

  async run(): Promise<ProtectResult> {
    const {args} = await this.parse(Protect)
    const result = await protect(await this.open(args.target))
    this.print(
      result.changed
        ? `Protected ${result.database}.`
        : `${result.database} is already protected. Nothing was changed.`,
    )
    return result
  }
}
