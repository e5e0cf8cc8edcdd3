import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {lockFlags, lockWaits} from '../lib/cli/lock-flags.js'
import {dirFlag} from '../lib/cli/migration-flags.js'
import {surroundings} from '../lib/cli/surroundings.js'
import {scratchServers} from '../lib/dumps/scratch-servers.js'
import {migrate, type MigrateResult} from '../lib/migrations/migrate.js'
import {renderPlan} from '../lib/migrations/plan/report.js'
import {renderApplied, summaryOf} from '../lib/migrations/report.js'
import {workingFolder} from '../lib/targets/account.js'
import {styleOf} from '../lib/text/style.js'

export default class Migrate extends DatabaseCommand {
  static override summary = 'Apply the migrations in sql/migrations that are pending.'
  static override description =
    'Each is applied whole or not at all. On a protected target, its effects on tables, locks and rows are measured on a copy of the schema and shown before you confirm.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod --dry-run',
    '<%= config.bin %> <%= command.id %> prod --confirm cruddur@db.example.com',
    '<%= config.bin %> <%= command.id %> --dir db/migrations --to 20260101000000',
  ]
  static override args = targetArg
  static connectsFirst = 'target'
  static override flags = {
    ...confirmFlag,
    ...dirFlag,
    to: Flags.string({description: 'Apply no migration after this version.', helpValue: 'version'}),
    'out-of-order': Flags.boolean({
      description: 'Also apply migrations that are older than the newest one that is applied.',
    }),
    'dry-run': Flags.boolean({char: 'n', description: 'Measure and show what would be done, and change nothing.'}),
    ...lockFlags,
    verbose: Flags.boolean({description: 'Show the notices that the server sends.'}),
  }

  async run(): Promise<MigrateResult> {
    const {args, flags} = await this.parse(Migrate)
    const waits = lockWaits(flags)
    const context = await this.open(args.target, flags.confirm)
    const reports = {progress: this.remark, warn: this.addWarning, signal: this.signal}
    const result = await migrate(
      {
        ...{cwd: workingFolder(), dir: flags.dir, to: flags.to, waits},
        outOfOrder: flags['out-of-order'],
        dryRun: flags['dry-run'],
        scratch: () => scratchServers(surroundings(), reports),
        onMessage: ({kind, text}) => {
          if (kind === 'warning') this.addWarning(text)
          else if (kind !== 'notice' || flags.verbose) this.remark(text)
        },
        onApplied: (applied) => this.print(renderApplied(applied)),
        onPlan: (plan) => this.printStyled(renderPlan(plan, styleOf('stdout'), process.stdout.columns)),
      },
      context,
    )
    for (const file of result.edited) this.addWarning(`${file} was changed after it was applied.`)
    this.print(summaryOf(result))
    return result
  }
}
