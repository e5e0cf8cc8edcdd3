import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, forceFlag, targetArg} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {renderKept, renderUndo} from '../lib/databases/report.js'
import {
  discardKept,
  discardWork,
  type KeptDatabase,
  listKept,
  undo,
  type UndoResult,
  undoWork,
} from '../lib/databases/undo.js'

export default class Undo extends DatabaseCommand {
  static override summary = 'Swap the database with its undo copy.'
  static override description =
    'The undo copy is the database that the last setup replaced. A second undo swaps back. After drop, undo restores the undo copy.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --list',
    '<%= config.bin %> <%= command.id %> --discard',
  ]
  static override args = targetArg
  static override flags = {
    ...confirmFlag,
    ...forceFlag,
    list: Flags.boolean({
      char: 'l',
      description: 'List the undo copies and their size.',
      exclusive: ['discard', 'force', 'confirm'],
    }),
    discard: Flags.boolean({description: 'Drop the undo copy.'}),
  }

  async run(): Promise<UndoResult | {kept: KeptDatabase[]} | {discarded: string}> {
    const {args, flags} = await this.parse(Undo)
    const {force, discard} = flags
    if (flags.list) {
      const kept = await listKept(await this.open(args.target))
      this.print(renderKept(kept))
      return {kept}
    }

    const context = await this.openGuarded(args.target, flags.confirm, (target) =>
      discard ? discardWork(target) : undoWork({force}, target),
    )
    if (discard) {
      const result = await discardKept({force}, context)
      this.print(`Dropped the undo copy of ${context.target.url.database}.`)
      return result
    }

    const result = await undo({force}, context)
    this.print(renderUndo(result, (command) => hint(command, args.target)))
    return result
  }
}
