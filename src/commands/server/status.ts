import {hint} from '../../lib/cli/hints.js'
import {ServerCommand, type ServerReport} from '../../lib/cli/server-command.js'
import {serverStatus} from '../../lib/server/embedded-server.js'

export default class ServerStatusCommand extends ServerCommand {
  static override summary = 'Show the state of the embedded Postgres server.'
  static override description =
    'It shows whether the server is running, its URL, and where its data is. With --json, the URL contains the password.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<ServerReport> {
    await this.parse(ServerStatusCommand)
    const status = await serverStatus(this.home())
    const {state, pid, data, log, programsGone} = status
    const url = this.urlOf(status)
    const running = state === 'running' ? `, process ${pid}${url === undefined ? '' : `, ${url.toString()}`}` : ''
    this.print(`state  ${state === 'absent' ? 'not created yet' : state}${running}`)
    this.print(`data   ${data}`)
    this.print(`log    ${log}`)
    if (programsGone)
      this.print(`\nThe program files of the server were moved or deleted. To restart it: ${hint('server:start')}`)
    if (state !== 'running') this.print(`\nTo start it: ${hint('server:start')}`)
    return this.report(status)
  }
}
