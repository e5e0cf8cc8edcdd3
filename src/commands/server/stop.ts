import {ServerCommand} from '../../lib/cli/server-command.js'
import {stopServer} from '../../lib/server/embedded-server.js'

export default class ServerStop extends ServerCommand {
  static override summary = 'Stop the embedded Postgres server.'
  static override description = 'It keeps its data and its port. If it is not running, nothing is changed.'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<{stopped: boolean}> {
    await this.parse(ServerStop)
    const stopped = await stopServer(this.home())
    this.print(stopped ? 'Stopped the embedded server.' : 'The embedded server is not running.')
    return {stopped}
  }
}
