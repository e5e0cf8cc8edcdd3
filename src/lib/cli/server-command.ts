import {serverHome} from '../access/open-target.js'
import type {ServerStatus} from '../server/embedded-server.js'
import {projectDatabase} from '../server/project.js'
import {workingFolder} from '../targets/account.js'
import type {ConnectionUrl} from '../targets/connection-url.js'
import {BaseCommand} from './base-command.js'
import {surroundings} from './surroundings.js'

/** The result of a server command. Its URL has the password, because these commands exist to give it to applications. */
export type ServerReport = Omit<ServerStatus, 'url'> & {url: string | null}

/** The base of the commands for the embedded server. */
export abstract class ServerCommand extends BaseCommand {
  protected home(): string {
    return serverHome(surroundings())
  }

  /** The URL of this project's database, if the server is running. */
  protected urlOf({url, home}: ServerStatus): ConnectionUrl | undefined {
    return url?.withDatabase(projectDatabase(home, workingFolder(), {record: true}))
  }

  protected report(status: ServerStatus): ServerReport {
    return {...status, url: this.urlOf(status)?.toStringWithPassword() ?? null}
  }
}
