import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, targetArg} from '../../lib/cli/database-command.js'
import {dirFlag} from '../../lib/cli/migration-flags.js'
import {surroundings} from '../../lib/cli/surroundings.js'
import {renderDiff} from '../../lib/dumps/diff-report.js'
import {scratchServers} from '../../lib/dumps/scratch-servers.js'
import {type AdoptResult, adoptMigrations} from '../../lib/migrations/adopt.js'
import {workingFolder} from '../../lib/targets/account.js'
import {formatCount} from '../../lib/text/format.js'
import {styleOf} from '../../lib/text/style.js'

export default class MigrateAdopt extends DatabaseCommand {
  static override summary = 'Record migrations as applied to a database that has their tables already.'
  static override description =
    'They are not run. The schema of the database must be what the migrations up to --to make; otherwise the differences are shown and the exit code is 9.'
  static override examples = ['<%= config.bin %> <%= command.id %> prod --to 20260101000000']
  static override args = targetArg
  static runsPgDump = 'first'
  static override flags = {
    ...confirmFlag,
    ...dirFlag,
    to: Flags.string({description: 'The newest version to record.', helpValue: 'version', required: true}),
  }

  async run(): Promise<AdoptResult> {
    const {args, flags} = await this.parse(MigrateAdopt)
    const context = await this.open(args.target, flags.confirm)
    const reports = {progress: this.remark, warn: this.addWarning, signal: this.signal}
    const result = await adoptMigrations(
      {
        ...{cwd: workingFolder(), dir: flags.dir, to: flags.to},
        scratch: scratchServers(surroundings(), reports),
        onDifferences: (diff) => this.printStyled(renderDiff(diff, styleOf('stdout'))),
      },
      context,
    )
    const {adopted, database} = result
    this.print(
      adopted.length === 0
        ? `All of these migrations are recorded in ${database} already.`
        : `Recorded ${formatCount(adopted.length, 'migration')} as applied to ${database}.`,
    )
    return result
  }
}
