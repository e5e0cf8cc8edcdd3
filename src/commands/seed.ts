import {confirmFlag, DatabaseCommand, fileFlag, targetArg} from '../lib/cli/database-command.js'
import {seed, type SqlFileResult} from '../lib/operations/run-sql-file.js'

export default class Seed extends DatabaseCommand {
  static override summary = 'Load mock data from sql/seed.sql.'
  static override description = 'All of the file or, if any statement fails, none of it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --file sql/demo.sql',
    '<%= config.bin %> <%= command.id %> staging --confirm cruddur@db.example.com',
  ]
  static override args = targetArg
  static override flags = {...confirmFlag, ...fileFlag}

  async run(): Promise<SqlFileResult> {
    const {args, flags} = await this.parse(Seed)
    const context = await this.openGuarded(args.target, flags.confirm)
    const result = await seed({file: flags.file, cwd: process.cwd()}, context)
    this.print(`Seeded ${result.database}.`)
    return result
  }
}
