import {Flags} from '@oclif/core'
import {ServerCommand, type ServerReport} from '../../lib/cli/server-command.js'
import {startServer} from '../../lib/server/embedded-server.js'

export default class ServerStart extends ServerCommand {
  static override summary = 'Start the Postgres server that comes with this tool, and print its URL.'
  static override description = 'The URL is for an application, password included. A server that runs already is left as it is.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --port 15433',
    'export CONNECTION_URL="$(<%= config.bin %> <%= command.id %>)"',
  ]
  static override flags = {
    port: Flags.integer({description: 'Listen on this port from now on.', min: 1, max: 65_535}),
  }

  async run(): Promise<ServerReport> {
    const {flags} = await this.parse(ServerStart)
    const {remark: progress, signal} = this
    const report = this.report(await startServer({home: this.home(), port: flags.port, progress, signal}))
    if (report.url !== null) this.print(report.url)
    return report
  }
}
