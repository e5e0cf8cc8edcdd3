import {Flags} from '@oclif/core'
import {DatabaseCommand, targetArg} from '../../lib/cli/database-command.js'
import {dirFlag} from '../../lib/cli/migration-flags.js'
import {renderStatus, statusSummary} from '../../lib/migrations/report.js'
import {isClean, migrationStatus, type StatusResult, uncleanStatus} from '../../lib/migrations/status.js'
import {workingFolder} from '../../lib/targets/account.js'
import {styleOf} from '../../lib/text/style.js'

export default class MigrateStatus extends DatabaseCommand {
  static override summary = 'List the migrations: applied, pending, edited, missing or half done.'
  static override description =
    'Edited means that a file has other statements than were applied; comments and blanks do not count. Nothing is changed.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> prod --check']
  static override args = targetArg
  static connectsFirst = 'target'
  static override flags = {
    ...dirFlag,
    check: Flags.boolean({description: 'Exit with 9 unless all are applied as they are here and no index is invalid.'}),
  }

  async run(): Promise<StatusResult> {
    const {args, flags} = await this.parse(MigrateStatus)
    const context = await this.open(args.target)
    const result = await migrationStatus({cwd: workingFolder(), dir: flags.dir}, context)
    this.printStyled(renderStatus(result, process.stdout.isTTY ? process.stdout.columns : undefined, styleOf('stdout')))
    const summary = statusSummary(result)
    if (flags.check && !isClean(result)) throw uncleanStatus(result, summary)
    this.print(summary)
    return result
  }
}
