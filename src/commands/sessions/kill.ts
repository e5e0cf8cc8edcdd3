import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, targetArg} from '../../lib/cli/database-command.js'
import {filterFlags, filterOf, isFiltered} from '../../lib/cli/session-flags.js'
import {renderKilled, requireChoice, targetAndPids} from '../../lib/sessions/kill-table.js'
import {type KillResult, killSessions, refuseLeft} from '../../lib/sessions/kill.js'
import {formatCount} from '../../lib/text/format.js'
import {styleOf} from '../../lib/text/style.js'

export default class SessionsKill extends DatabaseCommand {
  static override summary = 'End sessions, chosen by process id or by filters.'
  static override description =
    'It never ends its own session. Sessions of the server, of replication and of the cloud provider are skipped, and those of superusers unless you are one. If a session is not ended, the exit code is 5.'
  static override usage = '<%= command.id %> [target] [pid...]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 30399',
    '<%= config.bin %> <%= command.id %> staging 30399 30400 --cancel',
    "<%= config.bin %> <%= command.id %> --state 'idle in transaction' --older-than 10m --dry-run",
    '<%= config.bin %> <%= command.id %> prod --idle-over 1h --confirm cruddur@db.example.com',
  ]
  static override strict = false
  static override args = {target: targetArg.target}
  static override flags = {
    ...confirmFlag,
    ...filterFlags,
    cancel: Flags.boolean({description: 'Cancel only the running query. The session stays connected.'}),
    'dry-run': Flags.boolean({char: 'n', description: 'Show which sessions would be ended, and end none.'}),
    'include-system': Flags.boolean({description: 'Also end system, replication and superuser sessions.'}),
  }

  async run(): Promise<KillResult> {
    const {argv, flags} = await this.parse(SessionsKill)
    const {target, pids} = targetAndPids(argv as string[])
    requireChoice(pids, isFiltered(flags))
    const context = await this.open(target, flags.confirm)
    const {cancel = false, 'dry-run': dryRun, 'include-system': includeSystem} = flags
    const result = await killSessions({pids, filter: filterOf(flags), cancel, dryRun, includeSystem}, context)
    const {outcomes, systemLeft} = result
    if (outcomes.length === 0) this.print('No session matches. Nothing was ended.')
    else this.printStyled(renderKilled(outcomes, process.stdout.columns, styleOf('stdout')))
    if (systemLeft > 0)
      this.remark(`${formatCount(systemLeft, 'system session')} skipped. To include them: --include-system`)
    refuseLeft(result)
    return result
  }
}
