import {ServerCommand} from '../../lib/cli/server-command.js'
import {stopServer} from '../../lib/server/embedded-server.js'

export default class ServerStop extends ServerCommand {
  static override summary = 'Stop the Postgres server that comes with this tool.'
  static override description = 'Its data and its port stay. A server that does not run is left as it is.'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<{stopped: boolean}> {
    await this.parse(ServerStop)
    const stopped = await stopServer(this.home())
    this.print(stopped ? 'Stopped the embedded server.' : 'The embedded server does not run.')
    return {stopped}
  }
}
