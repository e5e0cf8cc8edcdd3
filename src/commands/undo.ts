import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, forceFlag, targetArg} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {
  discardKept,
  discardWork,
  type KeptDatabase,
  listKept,
  undo,
  type UndoResult,
  undoWork,
} from '../lib/databases/undo.js'
import {formatBytes, formatTime} from '../lib/text/format.js'

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
    if (flags.list) return this.list(args.target)
    const context = await this.openGuarded(args.target, flags.confirm, (target) =>
      flags.discard ? discardWork(target) : undoWork(flags, target),
    )
    if (flags.discard) {
      const result = await discardKept({force: flags.force}, context)
      this.print(`Dropped the undo copy of ${context.target.url.database}.`)
      return result
    }

    const result = await undo({force: flags.force}, context)
    const back = `${result.database} is now the database that was replaced at ${formatTime(result.at)}.`
    this.print(
      result.keptAs === null ? `Restored: ${back}` : `Swapped: ${back} To swap back: ${hint('undo', args.target)}`,
    )
    return result
  }

  private async list(target: string): Promise<{kept: KeptDatabase[]}> {
    const kept = await listKept(await this.open(target))
    if (kept.length === 0) this.print('There is no undo copy.')
    for (const {name, at, bytes} of kept)
      this.print(`${name}  ${bytes === null ? '' : `${formatBytes(bytes)}  `}replaced at ${formatTime(at)}`)
    return {kept}
  }
}
