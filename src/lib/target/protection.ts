import {RefusedError} from '../errors.js'
import {localName, type Target} from './target.js'

/** Databases that belong to the server itself: they are never dropped, whatever was confirmed. */
const serverDatabases = ['postgres', 'template0', 'template1', 'rdsadmin']

/** Whether destructive work on it must be confirmed: every target but `local`. */
export function isProtected(target: Target): boolean {
  return target.name !== localName
}

/** What has to be typed to confirm destructive work: `database@host`. */
export function confirmationOf({url}: Target): string {
  return `${url.database}@${url.hosts.map(({host}) => host).join(',')}`
}

/** @throws RefusedError (`server_database`) for a database that the server itself needs */
export function refuseServerDatabase({url}: Target): void {
  if (!serverDatabases.includes(url.database)) return
  throw new RefusedError(`"${url.database}" belongs to the server and is never dropped.`, {
    code: 'server_database',
    next: ["Name the application's own database in the URL."],
    details: {database: url.database},
  })
}
