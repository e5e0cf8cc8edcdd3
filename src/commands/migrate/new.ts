import {Args, Flags} from '@oclif/core'
import {changeFlags, changeOptions} from '../../lib/cli/change-flags.js'
import {DatabaseCommand} from '../../lib/cli/database-command.js'
import {hint} from '../../lib/cli/hints.js'
import {dirFlag} from '../../lib/cli/migration-flags.js'
import {surroundings} from '../../lib/cli/surroundings.js'
import {scratchServers} from '../../lib/dumps/scratch-servers.js'
import {diffMigration, type DiffMigrationResult} from '../../lib/migrations/diff-migration.js'
import {newMigration, type NewMigrationResult} from '../../lib/migrations/new-migration.js'
import {renderPlan} from '../../lib/migrations/plan/report.js'
import {changeSummary, renderOpen, requireProved} from '../../lib/schema-change/report.js'
import {workingFolder} from '../../lib/targets/account.js'
import {styleOf} from '../../lib/text/style.js'

export default class MigrateNew extends DatabaseCommand {
  static override summary = 'Write an empty migration, or with --diff one that leads to sql/schema.sql.'
  static override description =
    'With --diff, the SQL is tried on a copy with sample rows, and so is the way back. What is not proved is marked in the file, and the exit code is 9. The first migration in a project with sql/schema.sql comes after a baseline, which makes what that file has.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> add_email_to_users',
    '<%= config.bin %> <%= command.id %> add_email_to_users --diff',
    '<%= config.bin %> <%= command.id %> full_name --diff --rename users.name:users.full_name',
    '<%= config.bin %> <%= command.id %> catch_up --diff --from prod',
  ]
  static override args = {
    name: Args.string({ignoreStdin: true, required: true, description: 'What the migration does, in a few words.'}),
  }
  static runsPgDump = 'later'
  static override flags = {
    diff: Flags.boolean({description: 'Write what leads from what the migrations make to what sql/schema.sql says.'}),
    from: Flags.string({
      description: 'Start from the schema of this database.',
      helpValue: 'target',
      dependsOn: ['diff'],
    }),
    ...dirFlag,
    ...changeFlags,
  }

  async run(): Promise<NewMigrationResult | DiffMigrationResult> {
    const {args, flags} = await this.parse(MigrateNew)
    const reports = {progress: this.remark, warn: this.addWarning, signal: this.signal}
    const options = {
      ...{cwd: workingFolder(), dir: flags.dir, name: args.name, now: new Date()},
      scratch: scratchServers(surroundings(), reports),
    }
    if (!flags.diff) return this.shown(await newMigration(options))
    const result = await diffMigration({
      ...options,
      from: flags.from === undefined ? undefined : await this.open(flags.from),
      ...changeOptions(flags, this.interruption),
    })
    return this.shownDiff(result)
  }

  private shown(result: NewMigrationResult): NewMigrationResult {
    this.showBaseline(result)
    this.print(`Wrote ${result.file}`)
    return result
  }

  private showBaseline({baseline}: Pick<NewMigrationResult, 'baseline'>): void {
    if (baseline === null) return
    this.print(`Wrote ${baseline.file}`)
    const adopt = (target: string): string => hint(`migrate:adopt --to ${baseline.version}`, target)
    this.remark(`Where its tables are there already, record it: ${adopt('local')}, and ${adopt('prod')}`)
  }

  private shownDiff(result: DiffMigrationResult): DiffMigrationResult {
    const {files, change, plan} = result
    this.showBaseline(result)
    if (change === null) {
      this.print('It has what sql/schema.sql has now. Change that file, and run this command again.')
      return result
    }
    for (const {file} of files) this.print(`Wrote ${file}`)
    const style = styleOf('stdout')
    const open = renderOpen(change, style, process.stdout.columns)
    if (open !== '') this.printStyled(open)
    if (plan !== null) this.printStyled(renderPlan(plan, style, process.stdout.columns))
    const next = files.length === 0 ? [] : ['Complete the places marked NOT PROVED in the files.']
    requireProved(change, {next, details: {...result}})
    this.print(changeSummary(change))
    return result
  }
}
