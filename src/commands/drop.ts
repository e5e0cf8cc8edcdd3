import {confirmFlag, DatabaseCommand, forceFlag, targetArg} from '../lib/cli/database-command.js'
import {drop, type DropResult} from '../lib/operations/drop.js'

export default class Drop extends DatabaseCommand {
  static override summary = 'Drop a database that no one is connected to.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --force',
    '<%= config.bin %> <%= command.id %> staging --confirm cruddur@db.example.com',
  ]
  static override args = targetArg
  static connectsFirst = 'maintenance'
  static override flags = {
    ...confirmFlag,
    ...forceFlag,
  }

  async run(): Promise<DropResult> {
    const {args, flags} = await this.parse(Drop)
    const context = await this.openGuarded(args.target, flags.confirm)
    const result = await drop({force: flags.force}, context)
    this.print(result.dropped ? `Dropped ${result.database}.` : `There is no ${result.database}: nothing to drop.`)
    return result
  }
}
