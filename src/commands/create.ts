import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {create, type CreateResult} from '../lib/databases/create.js'

export default class Create extends DatabaseCommand {
  static override summary = 'Create a database.'
  static override description = 'An existing database is not changed.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> staging']
  static override args = targetArg
  static connectsFirst = 'maintenance'

  async run(): Promise<CreateResult> {
    const {args} = await this.parse(Create)
    const result = await create(await this.open(args.target))
    this.print(
      result.created ? `Created ${result.database}.` : `${result.database} already exists. Nothing was changed.`,
    )
    return result
  }
}
