import {serverHome} from '../operations/open-target.js'
import type {ServerStatus} from '../server/embedded-server.js'
import {BaseCommand} from './base-command.js'

/** What a server command returns; the URL has its password, since handing it out is what these commands are for. */
export type ServerReport = Omit<ServerStatus, 'url'> & {url: string | null}

/** A command on the embedded server: its home is found in one place. */
export abstract class ServerCommand extends BaseCommand {
  protected home(): string {
    return serverHome(process.env, process.cwd())
  }

  protected report({url, ...status}: ServerStatus): ServerReport {
    return {...status, url: url?.toStringWithPassword() ?? null}
  }
}
