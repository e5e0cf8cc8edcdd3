import {BaseCommand} from '../lib/cli/base-command.js'
import {hint} from '../lib/cli/hints.js'
import {init, type InitResult} from '../lib/init/init.js'
import {workingFolder} from '../lib/targets/account.js'

export default class Init extends BaseCommand {
  static override summary = 'Write sql/schema.sql, sql/seed.sql and a line in .env.'
  static override description =
    'They are examples to start with, written into the current folder. Existing files are not overwritten.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> && <%= config.bin %> setup',
  ]

  async run(): Promise<InitResult> {
    await this.parse(Init)
    const result = await init(workingFolder())
    for (const {file, state} of result.files) this.print(`${state.padEnd(7)}  ${file}`)
    this.print(
      `\nNext: write your tables into sql/schema.sql. Then build the database from it, which replaces an existing one: ${hint('setup')}`,
    )
    return result
  }
}
