import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {protect, type ProtectResult} from '../lib/databases/protect.js'

export default class Protect extends DatabaseCommand {
  static override summary = 'Mark a database, so that whoever reaches it by any URL must confirm before destroying it.'
  static override description = 'The mark is in the comment of the database; a copy of it elsewhere is not protected.'
  static override examples = ['<%= config.bin %> <%= command.id %> prod', '<%= config.bin %> <%= command.id %>']
  static override args = targetArg

  async run(): Promise<ProtectResult> {
    const {args} = await this.parse(Protect)
    const result = await protect(await this.open(args.target))
    this.print(result.changed ? `Protected ${result.database}.` : `${result.database} is protected already.`)
    return result
  }
}
