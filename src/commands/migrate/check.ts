import {BaseCommand} from '../../lib/cli/base-command.js'
import {dirFlag} from '../../lib/cli/migration-flags.js'
import {surroundings} from '../../lib/cli/surroundings.js'
import {scratchServers} from '../../lib/dumps/scratch-servers.js'
import {checkMigrations, type CheckResult, failedCheck, isPassed} from '../../lib/migrations/check.js'
import {checkSummary, renderCheck} from '../../lib/migrations/report.js'
import {workingFolder} from '../../lib/targets/account.js'
import {styleOf} from '../../lib/text/style.js'

export default class MigrateCheck extends BaseCommand {
  static override summary = 'Check that the migrations make sql/schema.sql, and that each down undoes its up.'
  static override description =
    'It needs no target: the migrations are run in a throw-away database on the embedded server. If something differs, the exit code is 9.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static runsPgDump = 'first'
  static override flags = dirFlag

  async run(): Promise<CheckResult> {
    const {flags} = await this.parse(MigrateCheck)
    const reports = {progress: this.remark, warn: this.addWarning, signal: this.signal}
    const scratch = scratchServers(surroundings(), reports)
    const result = await checkMigrations({cwd: workingFolder(), dir: flags.dir, scratch})
    const summary = checkSummary(result)
    if (!isPassed(result)) {
      this.printStyled(renderCheck(result, styleOf('stdout')))
      throw failedCheck(result, summary)
    }
    this.print(summary)
    return result
  }
}
