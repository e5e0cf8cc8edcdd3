import {type ClosedSessions, countClosedSessions, listSessions as querySessions, type Session} from '../postgres/catalog.js'
import {withClient} from '../postgres/client.js'
import type {OperationContext} from './context.js'

export type {ClosedSessions}

/** The sessions of the target's server, over all its databases, and what has become of earlier ones. */
export interface SessionList {
  sessions: Session[]
  summary: {
    active: number
    idle: number
    idleInTransaction: number
    /** Undefined before Postgres 14, which does not count them. */
    closed?: ClosedSessions
  }
}

/** What {@link listSessions} takes. */
export interface ListSessionsOptions {
  /** Background workers of the server too. */
  all?: boolean
}

/** Lists who is connected to the target's server, without the connection that asks. */
export async function listSessions({all = false}: ListSessionsOptions, context: OperationContext): Promise<SessionList> {
  const {target, signal} = context
  return withClient(target.url, {signal}, async (client) => {
    const sessions = await querySessions(client, {workers: all})
    const closed = await countClosedSessions(client)
    const clients = sessions.filter(({backend}) => backend === 'client backend')
    const count = (matches: (state: string | null) => boolean): number => clients.filter(({state}) => matches(state)).length
    return {
      sessions,
      summary: {
        active: count((state) => state === 'active'),
        idle: count((state) => state === 'idle'),
        idleInTransaction: count((state) => state?.startsWith('idle in transaction') ?? false),
        closed,
      },
    }
  })
}
