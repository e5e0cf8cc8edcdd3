import {Args, Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, targetArg} from '../../lib/cli/database-command.js'
import {listTables} from '../../lib/cli/effect-words.js'
import {lockFlags, lockWaits} from '../../lib/cli/lock-flags.js'
import {dirFlag} from '../../lib/cli/migration-flags.js'
import {type DownResult, migrateDown, parseCount} from '../../lib/migrations/down.js'
import {renderUndone} from '../../lib/migrations/report.js'
import {workingFolder} from '../../lib/targets/account.js'
import {localName} from '../../lib/targets/target.js'

export default class MigrateDown extends DatabaseCommand {
  static override summary = 'Undo the newest migrations.'
  static override description =
    'It runs the down that was stored when a migration was applied, so it also works without its file. It says which tables and columns lose how many rows.'
  static override usage = '<%= command.id %> [target] [count]'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> 2',
    '<%= config.bin %> <%= command.id %> staging --to 20260101000000 --confirm cruddur@db.example.com',
  ]
  static override args = {
    target: targetArg.target,
    count: Args.string({ignoreStdin: true, description: 'How many migrations to undo. Default: 1.'}),
  }
  static override flags = {
    ...confirmFlag,
    ...dirFlag,
    to: Flags.string({description: 'Undo all that are newer than this version.', helpValue: 'version'}),
    ...lockFlags,
  }

  async run(): Promise<DownResult> {
    const {args, flags} = await this.parse(MigrateDown)
    const onlyCount = /^\d+$/.test(args.target)
    const [target, count] = onlyCount ? [localName, args.target] : [args.target, args.count]
    const waits = lockWaits(flags)
    const options = {cwd: workingFolder(), dir: flags.dir, to: flags.to, waits}
    const result = await migrateDown(
      {
        ...options,
        count: count === undefined ? undefined : parseCount(count),
        onMessage: ({kind, text}) => (kind === 'warning' ? this.addWarning(text) : undefined),
        onLosing: (losing) => this.remark(`This loses ${listTables(losing)}.`),
        onUndone: (undone) => this.print(renderUndone(undone)),
      },
      await this.open(target, flags.confirm),
    )
    if (result.undone.length === 0) this.print(`Nothing to undo in ${result.database}.`)
    return result
  }
}
