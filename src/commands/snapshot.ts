import {Flags} from '@oclif/core'
import {DatabaseCommand, forceFlag} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {autoFlag, snapshotArg, snapshotName} from '../lib/cli/snapshot-name.js'
import {renderSnapshots, renderTaken} from '../lib/databases/report.js'
import {
  dropSnapshot,
  listSnapshots,
  type Snapshot as ListedSnapshot,
  type SnapshotResult,
  takeSnapshot,
} from '../lib/databases/snapshots.js'
import {UsageError} from '../lib/errors.js'
import {localName} from '../lib/targets/target.js'
import {styleOf} from '../lib/text/style.js'

export default class Snapshot extends DatabaseCommand {
  static override summary = 'Copy the local database under a name, to restore it later.'
  static override description =
    'For example before you switch to another branch. Without a name, the snapshots are listed. A database in use cannot be copied.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> before-import',
    '<%= config.bin %> <%= command.id %> --auto --replace',
    '<%= config.bin %> <%= command.id %> --list',
    '<%= config.bin %> <%= command.id %> --drop before-import',
  ]
  static override args = snapshotArg
  static override flags = {
    ...forceFlag,
    ...autoFlag,
    replace: Flags.boolean({description: 'Replace a snapshot of that name.', exclusive: ['drop', 'list']}),
    list: Flags.boolean({char: 'l', description: 'List the snapshots (the default).', exclusive: ['auto', 'drop']}),
    drop: Flags.boolean({description: 'Drop the snapshot of that name.', exclusive: ['force']}),
  }

  async run(): Promise<SnapshotResult | {dropped: string} | {snapshots: ListedSnapshot[]}> {
    const {args, flags} = await this.parse(Snapshot)
    const {auto, replace, force, drop, list} = flags
    const name = await snapshotName(args.name, {auto})
    if (list || name === undefined) {
      if (drop || replace || name !== undefined)
        throw new UsageError(list ? '--list takes no name.' : 'Which snapshot? Give its name.', {code: 'name_missing'})
      return this.listed()
    }
    const context = await this.open(localName)
    if (drop) {
      const result = await dropSnapshot({name}, context)
      this.print(`Dropped the snapshot ${name}.`)
      return result
    }
    const result = await takeSnapshot({name, replace, force}, context)
    this.print(renderTaken(result, hint))
    return result
  }

  private async listed(): Promise<{snapshots: ListedSnapshot[]}> {
    const context = await this.open(localName)
    const snapshots = await listSnapshots(context)
    const {database} = context.target.url
    this.printStyled(renderSnapshots(snapshots, database, process.stdout.columns, styleOf('stdout')))
    return {snapshots}
  }
}
