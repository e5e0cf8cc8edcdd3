import {setTimeout as sleep} from 'node:timers/promises'
import {catalogQuery} from '../postgres/catalog/catalog.js'
import type {Session} from '../postgres/catalog/session.js'
import {detailOf, sqlState, sqlStateOf} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'

/** A session to end, as it was when it was chosen. */
export type Victim = Pick<Session, 'pid' | 'backendStart' | 'stateSince'>

export interface EndOptions {
  /** Cancels only the query and keeps the session. */
  cancel: boolean
  /** Skips sessions whose state has changed since they were chosen. */
  unchanged: boolean
}

/**
 * The outcome for one session: `done`; `gone`, it had already ended; `changed`, so it was skipped; `denied` by the server,
 * with its reason; `deaf`, a process that cannot be signaled; `stays`, it was signaled but is still there.
 */
export type EndOutcome =
  {outcome: 'done' | 'gone' | 'changed' | 'not signalable' | 'still running'} | {outcome: 'denied'; reason: string}

const patienceMs = 5000
const endPollMs = 50

/**
 * Ends sessions, or cancels their queries, and waits up to five seconds until that is done. A new session that has the
 * process id of an old one is never touched.
 */
export async function endSessions(
  client: PostgresClient,
  victims: readonly Victim[],
  options: EndOptions,
): Promise<Map<number, EndOutcome>> {
  const endings = new Map<number, EndOutcome>()
  if (victims.length === 0) return endings
  const told = await tellAll(client, victims, options, endings)
  let present = await presentOf(client, victims)
  const waits = ({pid}: Victim): boolean => {
    const unchanged = present.get(pid)
    return told.has(pid) && (options.cancel ? unchanged === true : unchanged !== undefined)
  }
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline && victims.some(waits);) {
    await sleep(endPollMs)
    present = await presentOf(client, victims)
  }

  for (const victim of victims) {
    const {pid} = victim
    if (endings.has(pid)) continue
    if (told.has(pid)) endings.set(pid, {outcome: waits(victim) ? 'still running' : 'done'})
    else endings.set(pid, {outcome: present.has(pid) ? 'changed' : 'gone'})
  }
  return endings
}

/**
 * Signals all sessions in one statement. If the server denies one, the whole statement fails, and each session gets its own
 * statement; those that are gone by then were ended by the first one. To cancel queries, each session gets its own
 * statement at once, because a canceled query leaves no trace.
 */
async function tellAll(
  client: PostgresClient,
  victims: readonly Victim[],
  options: EndOptions,
  endings: Map<number, EndOutcome>,
): Promise<Set<number>> {
  if (!options.cancel) {
    const told = await unlessDenied(tellVictims(client, victims, options, endings))
    if (!('denied' in told)) return told
  }

  const told = new Set<number>()
  for (const victim of victims) {
    const one = await unlessDenied(tellVictims(client, [victim], options, endings))
    if ('denied' in one) endings.set(victim.pid, {outcome: 'denied', reason: one.denied})
    else if (one.size > 0) told.add(victim.pid)
  }

  const present = await presentOf(client, victims)
  for (const {pid} of options.cancel ? [] : victims) if (!present.has(pid)) told.add(pid)
  return told
}

/** Returns the result, or the server's reason for denying it. */
async function unlessDenied<T extends object>(work: Promise<T>): Promise<T | {denied: string}> {
  try {
    return await work
  } catch (error) {
    if (sqlStateOf(error) === sqlState.insufficientPrivilege) return {denied: detailOf(error)}
    throw error
  }
}

async function tellVictims(
  client: PostgresClient,
  victims: readonly Victim[],
  {cancel, unchanged}: EndOptions,
  endings: Map<number, EndOutcome>,
): Promise<Set<number>> {
  const since = victims.map(({stateSince}) => (unchanged ? stateSince : null))
  const values = [...identitiesOf(victims), since, cancel]
  const {rows} = await client.query<{pid: number; told: boolean}>(catalogQuery('end-sessions'), values)
  for (const {pid, told} of rows) if (!told) endings.set(pid, {outcome: 'not signalable'})
  return new Set(rows.filter(({told}) => told).map(({pid}) => pid))
}

/** The sessions that still exist, and whether their state is unchanged. */
async function presentOf(client: PostgresClient, victims: readonly Victim[]): Promise<Map<number, boolean>> {
  const values = [...identitiesOf(victims), victims.map(({stateSince}) => stateSince)]
  const {rows} = await client.query<{pid: number; unchanged: boolean}>(catalogQuery('present-sessions'), values)
  return new Map(rows.map(({pid, unchanged}) => [pid, unchanged]))
}

function identitiesOf(victims: readonly Victim[]): [pids: number[], began: (string | null)[]] {
  return [victims.map(({pid}) => pid), victims.map(({backendStart}) => backendStart)]
}
