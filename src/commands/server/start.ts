import {Flags} from '@oclif/core'
import {ServerCommand, type ServerReport} from '../../lib/cli/server-command.js'
import {startServer} from '../../lib/server/embedded-server.js'

export default class ServerStart extends ServerCommand {
  static override summary = 'Start the embedded Postgres server.'
  static override description = 'If it is already running, nothing is changed.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --port 15433',
    'export CONNECTION_URL="$(<%= config.bin %> <%= command.id %> --url)"',
  ]
  static override flags = {
    url: Flags.boolean({description: 'Print only the URL, with its password, for an application.'}),
    port: Flags.integer({description: 'The port to listen on, now and at every later start.', min: 1, max: 65_535}),
  }

  async run(): Promise<ServerReport> {
    const {flags} = await this.parse(ServerStart)
    const {remark: progress, signal} = this
    const status = await startServer({home: this.home(), port: flags.port, progress, signal})
    const report = this.report(status)
    this.print(flags.url ? (report.url ?? '') : `Running: ${this.urlOf(status)?.label ?? ''}, data in ${status.data}`)
    return report
  }
}
