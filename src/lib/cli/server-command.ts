import {serverHome} from '../access/open-target.js'
import type {ServerStatus} from '../server/embedded-server.js'
import {projectDatabase} from '../server/project.js'
import type {ConnectionUrl} from '../targets/connection-url.js'
import {BaseCommand} from './base-command.js'

/** What a server command returns; the URL has its password, since handing it out is what these commands are for. */
export type ServerReport = Omit<ServerStatus, 'url'> & {url: string | null}

/** A command on the embedded server: its home is found in one place. */
export abstract class ServerCommand extends BaseCommand {
  protected home(): string {
    return serverHome(process.env, process.cwd())
  }

  /** The URL of this project's database on the server, where it runs. */
  protected urlOf({url, home}: ServerStatus): ConnectionUrl | undefined {
    return url?.withDatabase(projectDatabase(home, process.cwd(), {record: true}))
  }

  protected report(status: ServerStatus): ServerReport {
    return {...status, url: this.urlOf(status)?.toStringWithPassword() ?? null}
  }
}
