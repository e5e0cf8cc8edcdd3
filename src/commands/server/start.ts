import {Flags} from '@oclif/core'
import {ServerCommand, type ServerReport} from '../../lib/cli/server-command.js'
import {startServer} from '../../lib/server/embedded-server.js'

export default class ServerStart extends ServerCommand {
  static override summary = 'Start the Postgres server that comes with this tool.'
  static override description =
    'A server that runs already is left as it is. --url prints only the URL, with its password, for an application.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --port 15433',
    'export CONNECTION_URL="$(<%= config.bin %> <%= command.id %> --url)"',
  ]
  static override flags = {
    url: Flags.boolean({description: 'Print the URL with its password, and nothing else.'}),
    port: Flags.integer({description: 'Listen on this port from now on.', min: 1, max: 65_535}),
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
