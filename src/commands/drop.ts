import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, forceFlag, targetArg} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {drop, type DropResult, dropWork} from '../lib/databases/drop.js'
import {renderDrop} from '../lib/databases/report.js'

export default class Drop extends DatabaseCommand {
  static override summary = 'Drop a database.'
  static override description = 'It fails if sessions are connected, unless --force is given.'
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
    'discard-undo': Flags.boolean({description: 'Also drop the undo copy.'}),
  }

  async run(): Promise<DropResult> {
    const {args, flags} = await this.parse(Drop)
    const options = {force: flags.force, discardUndo: flags['discard-undo']}
    const context = await this.openGuarded(args.target, flags.confirm, (target) => dropWork(options, target))
    const result = await drop(options, context)
    this.print(renderDrop(result, (command) => hint(command, args.target)))
    return result
  }
}
