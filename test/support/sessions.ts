import type {Session} from '../../src/lib/postgres/catalog/session.js'

/** An idle session; a test overrides fields. */
export function session(facts: Partial<Session> = {}): Session {
  return {
    pid: 100,
    user: 'app',
    database: 'shop',
    client: '10.0.0.7:40000',
    here: false,
    application: 'api',
    program: 'Node',
    state: 'idle',
    seconds: 1,
    transactionSeconds: null,
    connectedSeconds: 10,
    backendStart: '2026-01-01T00:00:00.000001Z',
    stateSince: '2026-01-01T00:00:09Z',
    waitType: 'Client',
    waitEvent: 'ClientRead',
    lock: null,
    blockedBy: [],
    superuser: false,
    hidden: false,
    query: 'select 1',
    backend: 'client backend',
    ...facts,
  }
}
