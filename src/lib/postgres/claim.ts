import {createHash} from 'node:crypto'
import {StateError} from '../errors.js'
import {catalogQuery} from './catalog.js'
import {backendPid, type PostgresClient, together} from './client.js'
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

interface NotedDatabase {
  oid: number
  name: string
  comment: string | null
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
  const facts = await takeLock(client, {key, shared, transaction})
  if (facts.claimed === null) throw pooled()
  const [other] = facts.others
  if (!facts.claimed || other !== undefined) throw alreadyRunning(name, other === undefined ? undefined : await describeHolder(client, other))
  const databases = facts.databases.map(({oid, comment, name: own}): MarkedDatabase => ({
    name: own,
    ...readMark(comment),
    prepared: count(facts.prepared, oid),
    slots: count(facts.slots, oid),
  }))
  return {
    database: databases.find((database) => database.name === name),
    marked: databases.filter(({mark}) => mark.of !== undefined),
    names: new Set(databases.map((database) => database.name)),
    sessions: count(facts.sessions, facts.databases.find((database) => database.name === name)?.oid),
  }
}

/** What the server was asked in one round trip; where each thing is in a database, that database's number. */
interface Facts {
  /** Null where no session of ours would keep the lock. */
  claimed: boolean | null
  /** The processes that hold the lock beside us. */
  others: number[]
  databases: NotedDatabase[]
  sessions: (number | null)[]
  prepared: (number | null)[]
  slots: (number | null)[]
}

/** Statements of their own: a new session is done with them in a third of the time of one that asks for all of it. */
async function takeLock(client: PostgresClient, {key, shared, transaction}: Required<ClaimTerms> & {key: number}): Promise<Facts> {
  type InDatabase = {database: number | null}
  const [claim, others, databases, sessions, prepared, slots] = await together(client, () => [
    client.query<{claimed: boolean | null}>(catalogQuery('claim'), [lockClass, key, shared, backendPid(client), transaction]),
    client.query<{pid: number}>(catalogQuery('claimants'), [lockClass, key, shared]),
    client.query<NotedDatabase>(catalogQuery('noted-databases')),
    client.query<InDatabase>("select datid as database from pg_catalog.pg_stat_get_activity(null) where backend_type = 'client backend' and pid <> pg_backend_pid()"),
    client.query<InDatabase>('select dbid as database from pg_catalog.pg_prepared_xact()'),
    client.query<InDatabase>('select datoid as database from pg_catalog.pg_get_replication_slots()'),
  ])
  const numbers = ({rows}: {rows: InDatabase[]}): (number | null)[] => rows.map(({database}) => database)
  return {
    claimed: claim.rows[0]?.claimed ?? null,
    others: others.rows.map(({pid}) => pid),
    databases: databases.rows,
    sessions: numbers(sessions),
    prepared: numbers(prepared),
    slots: numbers(slots),
  }
}

const count = (found: readonly (number | null)[], oid: number | undefined): number => found.filter((database) => database === oid).length

async function describeHolder(client: PostgresClient, pid: number): Promise<Holder | undefined> {
  return (await client.query<Holder>(catalogQuery('claimant'), [pid])).rows[0]
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
