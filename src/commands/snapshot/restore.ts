import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, forceFlag} from '../../lib/cli/database-command.js'
import {hint} from '../../lib/cli/hints.js'
import {autoFlag, snapshotArg, snapshotName} from '../../lib/cli/snapshot-name.js'
import {renderSnapshotRestored} from '../../lib/databases/report.js'
import {restoreSnapshot, type RestoreSnapshotResult, restoreSnapshotWork} from '../../lib/databases/restore-snapshot.js'
import {UsageError} from '../../lib/errors.js'
import {localName} from '../../lib/targets/target.js'

export default class SnapshotRestore extends DatabaseCommand {
  static override summary = 'Replace the local database with a copy of a snapshot.'
  static override description =
    'The database that is replaced is kept for undo. The snapshot stays, so that it can be restored again.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> before-import',
    '<%= config.bin %> <%= command.id %> --auto --force',
  ]
  static override args = snapshotArg
  static override flags = {
    ...confirmFlag,
    ...forceFlag,
    ...autoFlag,
    'no-undo': Flags.boolean({description: 'Drop the old database instead of keeping it for undo.'}),
  }

  async run(): Promise<RestoreSnapshotResult> {
    const {args, flags} = await this.parse(SnapshotRestore)
    const name = await snapshotName(args.name, flags)
    if (name === undefined) throw new UsageError('Which snapshot? Give its name.', {code: 'name_missing'})
    const options = {name, force: flags.force, keep: !flags['no-undo']}
    const context = await this.openGuarded(localName, flags.confirm, (target) => restoreSnapshotWork(options, target))
    const result = await restoreSnapshot(options, context)
    this.print(renderSnapshotRestored(result, hint))
    return result
  }
}
