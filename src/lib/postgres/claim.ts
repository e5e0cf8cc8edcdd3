import {createHash} from 'node:crypto'
import {StateError} from '../errors.js'
import {catalogQuery} from './catalog.js'
import {backendPid, type PostgresClient} from './client.js'
import {type DatabaseMark, readMark} from './mark.js'

/** A database of the server with what is noted on it. */
export interface MarkedDatabase {
  name: string
  /** The comment without our mark. */
  text: string
  mark: DatabaseMark
  /** Prepared transactions in it, which no force ends. */
  prepared: number
  /** Logical replication slots on it, which keep it from being dropped. */
  slots: number
}

/** What {@link claimDatabase} found: the database of that name, if it exists, and all that carry a mark. */
export interface Claim {
  database?: MarkedDatabase
  marked: MarkedDatabase[]
  /** The names of all databases of the server. */
  names: ReadonlySet<string>
  /** How many sessions are connected to the database. */
  sessions: number
}

interface Holder {
  pid: number
  application: string
  client: string
  seconds: number
}

interface Row {
  /** Null where no session of ours would keep the lock. */
  claimed: boolean | null
  holders: Holder[]
  databases: {name: string; comment: string | null; prepared: number; slots: number}[]
  names: string[]
  sessions: number
}

/** "crud" in ASCII: our class of advisory locks. */
const lockClass = 0x63727564

/** How long a claim lasts, and who may have it beside us. */
export interface ClaimTerms {
  /** Goes along with others that destroy nothing either. */
  shared?: boolean
  /** Until the end of the open transaction, instead of the session; it is not shared. */
  transaction?: boolean
}

/**
 * Claims the database `name` for this session until it ends: one command at a time drops it, sets it up or loads into
 * it. The lock is an advisory one; pg_locks shows it over all databases of the server, so that a command in the
 * maintenance database and one in the database itself see each other.
 *
 * A pooler lends the server's sessions for a transaction or a statement: nothing is claimed through one, and the name that
 * it knows a database by need not be the server's.
 * @throws StateError (`already_running`) with who runs what, (`pooled`)
 */
export async function claimDatabase(client: PostgresClient, name: string, {shared = false, transaction = false}: ClaimTerms = {}): Promise<Claim> {
  const key = createHash('sha256').update(name).digest().readUInt32BE() >>> 1
  const values = [lockClass, key, name, shared, backendPid(client), transaction]
  const {rows: [row]} = await client.query<Row>(catalogQuery('claim'), values)
  const [holder] = row?.holders ?? []
  if (row?.claimed === null) throw pooled()
  if (row === undefined || !row.claimed || holder !== undefined) throw alreadyRunning(name, holder)
  const databases = row.databases.map(({comment, ...database}) => ({...database, ...readMark(comment)}))
  return {
    database: databases.find((database) => database.name === name),
    marked: databases.filter(({mark}) => mark.of !== undefined),
    names: new Set(row.names),
    sessions: row.sessions,
  }
}

function pooled(): StateError {
  return new StateError('What answers is a pooler: through it a database can be neither locked nor named for certain.', {
    code: 'pooled',
    next: ['Name the server itself in the URL instead of the pooler.'],
  })
}

function alreadyRunning(name: string, holder: Holder | undefined): StateError {
  const who = holder === undefined ? 'another command' : `${holder.application || 'a session'} (process ${holder.pid} from ${holder.client}, for ${Math.round(holder.seconds)} s)`
  return new StateError(`Someone is at work on "${name}" already: ${who}.`, {
    code: 'already_running',
    next: ['Wait until it has finished, and try again.'],
    details: {database: name, holder},
  })
}
