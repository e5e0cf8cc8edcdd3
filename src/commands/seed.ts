import {confirmFlag, scriptFlags, targetArg} from '../lib/cli/database-command.js'
import {lockFlags} from '../lib/cli/lock-flags.js'
import {ScriptCommand} from '../lib/cli/script-command.js'
import {seed, type SeedResult, seedWork} from '../lib/sql-files/run-sql-file.js'
import {workingFolder} from '../lib/targets/account.js'
import {formatCount} from '../lib/text/format.js'

export default class Seed extends ScriptCommand {
  static override summary = 'Load mock data from sql/seed.sql or sql/seed/.'
  static override description =
    'If a statement fails, nothing is changed. In a folder, all .sql, .csv, .sql.gz and .csv.gz files are loaded in order of their names.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --file sql/demo.sql',
    '<%= config.bin %> <%= command.id %> staging --confirm cruddur@db.example.com',
  ]
  static override args = targetArg
  static connectsFirst = 'target'
  static override flags = {...confirmFlag, ...scriptFlags, ...lockFlags}

  async run(): Promise<SeedResult> {
    const {args, flags} = await this.parse(Seed)
    const context = await this.openGuarded(args.target, flags.confirm, () => seedWork({...flags, cwd: workingFolder()}))
    const {result, summary} = await this.report(flags, (options) => seed(options, context))
    this.print(`Seeded ${result.database}: ${summary}`)
    for (const {schema, table, rows, database} of result.tables)
      this.print(
        `  ${schema}.${table}${database === undefined ? '' : ` in ${database}`} has ${formatCount(rows, 'row')} now`,
      )
    return result
  }
}
