import {hint} from '../../lib/cli/hints.js'
import {ServerCommand, type ServerReport} from '../../lib/cli/server-command.js'
import {serverStatus} from '../../lib/server/embedded-server.js'

export default class ServerStatusCommand extends ServerCommand {
  static override summary = 'Say whether the Postgres server that comes with this tool runs, and where its data lies.'
  static override description = 'With --json the URL has its password, for an application to use.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<ServerReport> {
    await this.parse(ServerStatusCommand)
    const status = await serverStatus(this.home())
    const {state, pid, data, log, programsGone} = status
    const url = this.urlOf(status)
    const running = state === 'running' ? `, process ${pid}${url === undefined ? '' : `, ${url.toString()}`}` : ''
    this.print(`state  ${state === 'absent' ? 'not made yet' : state}${running}`)
    this.print(`data   ${data}`)
    this.print(`log    ${log}`)
    if (programsGone) this.print(`\nIts programs were moved or deleted. To restart it: ${hint('server:start')}`)
    if (state !== 'running') this.print(`\nStart it: ${hint('server:start')}`)
    return this.report(status)
  }
}
