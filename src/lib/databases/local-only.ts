import {protectionOfClient} from '../access/guard.js'
import {UsageError} from '../errors.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {localName, type Target} from '../targets/target.js'

/**
 * Refuses other targets, because copies of their data must not stay on the server. `what` begins the sentence.
 * @throws UsageError (`local_only`)
 */
export function requireLocal(target: Target, client: PostgresClient, what: string): void {
  if (target.name === localName && protectionOfClient(target, client) === undefined) return
  throw new UsageError(`${what} only for local databases, and ${target.name} is not local. Nothing was changed.`, {
    code: 'local_only',
  })
}
