import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {abortOnInterrupt, endAtOnce, leaveCtrlCToChild} from '../lib/cli/interruption.js'
import {outcome} from '../lib/cli/outcome.js'
import {runPsql} from '../lib/shell/connect.js'
import {limitsInWords, openSession, type ShellSession, writeWork} from '../lib/shell/session.js'
import {styleOf} from '../lib/text/style.js'

export default class Connect extends DatabaseCommand {
  static override summary = 'Open psql, or the built-in SQL shell.'
  static override description =
    "The built-in shell is used if psql is not installed. Arguments after -- go to psql. The exit code is psql's. A protected target is opened read-only."
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod',
    '<%= config.bin %> <%= command.id %> prod --write',
    "<%= config.bin %> <%= command.id %> -- -c 'select count(*) from activities'",
  ]
  static override enableJsonFlag = false
  static override args = targetArg
  static override flags = {
    ...confirmFlag,
    shell: Flags.boolean({description: 'Open the built-in shell, although psql is installed.'}),
    write: Flags.boolean({description: 'Open a protected target read-write. It must be confirmed.'}),
  }
  static override usage = '<%= command.id %> [TARGET] [-- PSQL ARGS]'

  async run(): Promise<void> {
    const separator = this.argv.indexOf('--')
    const own = separator === -1 ? this.argv : this.argv.slice(0, separator)
    const args = separator === -1 ? [] : this.argv.slice(separator + 1)
    const {
      args: {target},
      flags: {write, confirm, shell},
    } = await this.parse(Connect, own)
    const context = write ? await this.openGuarded(target, confirm, () => writeWork) : await this.open(target)
    const session = await openSession({write}, context)
    if (session.access === 'read-only') this.remark(`Read-only. ${limitsInWords} To write: --write`)
    if (session.access === 'write') this.remark('Read-write. No time limits.')
    if (!shell && (await this.psql(session, args))) return
    endAtOnce()
    const {runShell} = await import('../lib/shell/run-shell.js')
    const renderError = (error: unknown): string => outcome.render(error)
    await runShell({session, args, chosen: shell, env: process.env, remark: this.remark, abortOnInterrupt, renderError})
  }

  /** Returns false if psql is not installed. */
  private async psql(session: ShellSession, args: string[]): Promise<boolean> {
    leaveCtrlCToChild()
    const color = styleOf('stdout').level > 0
    const exitCode = await runPsql({session, args, env: process.env, color, signal: this.signal})
    if (exitCode !== undefined) process.exitCode = exitCode
    return exitCode !== undefined
  }
}
