import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, forceFlag, targetArg} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {drop, type DropResult, dropWork} from '../lib/databases/drop.js'
import {escapeIdentifier} from '../lib/postgres/wire/escape.js'
import {formatBytes, formatTime} from '../lib/text/format.js'

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
    this.print(
      result.dropped ? `Dropped ${result.database}.` : `${result.database} does not exist. Nothing was dropped.`,
    )
    this.printKept(result, args.target)
    return result
  }

  private printKept({database, kept, undoable}: DropResult, target: string): void {
    for (const {name, at, bytes} of kept)
      this.print(
        `The undo copy was not dropped: ${name}${bytes === null ? '' : ` (${formatBytes(bytes)})`}, replaced at ${formatTime(at)}.`,
      )
    const [newest] = kept
    if (newest === undefined) return
    if (undoable) this.print(`To drop it: ${hint('undo --discard', target)}`)
    const sql = `alter database ${escapeIdentifier(newest.name)} rename to ${escapeIdentifier(database)};`
    this.print(`To restore it as ${database}: ${undoable ? hint('undo', target) : sql}`)
  }
}
