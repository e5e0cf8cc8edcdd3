import {BaseCommand} from '../lib/cli/base-command.js'
import {hint} from '../lib/cli/hints.js'
import {init, type InitResult} from '../lib/init/init.js'

export default class Init extends BaseCommand {
  static override summary = 'Write sql/schema.sql, sql/seed.sql and a line in .env to begin with.'
  static override description =
    'Into the current folder. Nothing is overwritten: a file that is there already is kept as it is.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> && <%= config.bin %> setup',
  ]

  async run(): Promise<InitResult> {
    await this.parse(Init)
    const result = await init(process.cwd())
    for (const {file, state} of result.files) this.print(`${state.padEnd(7)}  ${file}`)
    this.print(
      `\nNext: describe your tables in sql/schema.sql, then build the database from it, in place of the old one if there is one: ${hint('setup')}`,
    )
    return result
  }
}
