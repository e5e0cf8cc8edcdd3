import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, forceFlag, targetArg} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {drop, type DropResult, dropWork} from '../lib/databases/drop.js'
import {escapeIdentifier} from '../lib/postgres/wire/escape.js'
import {formatBytes, formatTime} from '../lib/text/format.js'

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
    'discard-undo': Flags.boolean({description: 'Drop the undo copy, too.'}),
  }

  async run(): Promise<DropResult> {
    const {args, flags} = await this.parse(Drop)
    const options = {force: flags.force, discardUndo: flags['discard-undo']}
    const context = await this.openGuarded(args.target, flags.confirm, (target) => dropWork(options, target))
    const result = await drop(options, context)
    this.print(result.dropped ? `Dropped ${result.database}.` : `There is no ${result.database}: nothing to drop.`)
    this.printKept(result, args.target)
    return result
  }

  private printKept({database, kept, undoable}: DropResult, target: string): void {
    for (const {name, at, bytes} of kept)
      this.print(
        `Its undo copy, replaced at ${formatTime(at)}, is left: ${name}${bytes === null ? '' : ` (${formatBytes(bytes)})`}.`,
      )
    const [newest] = kept
    if (newest === undefined) return
    if (undoable) this.print(`To drop it: ${hint('undo --discard', target)}`)
    const sql = `alter database ${escapeIdentifier(newest.name)} rename to ${escapeIdentifier(database)};`
    this.print(`To bring it back as ${database}: ${undoable ? hint('undo', target) : sql}`)
  }
}
