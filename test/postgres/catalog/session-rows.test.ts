import {describe, expect, it} from 'vitest'
import {
  type BackendRow,
  closedSessions,
  type DatabaseRow,
  type LockRow,
  sessionsOf,
  waitingForLock,
} from '../../../src/lib/postgres/catalog/session-rows.js'
import type {Session} from '../../../src/lib/postgres/catalog/session.js'

/** The moment so many microseconds after 2000 began, as the server sends it. */
function sent(microseconds: number): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeBigInt64BE(BigInt(microseconds))
  return buffer
}

const own = 1

function backend(facts: Partial<BackendRow> = {}): BackendRow {
  return {
    pid: 2,
    datid: 16_384,
    usesysid: 10,
    usename: 'app',
    client_addr: '10.0.0.7',
    client_port: 40_000,
    application_name: 'psql',
    state: 'idle',
    backend_start: sent(1_000_001),
    xact_start: null,
    state_change: sent(2_500_000),
    now: sent(4_000_000),
    wait_event_type: 'Client',
    wait_event: 'ClientRead',
    query: 'select 1',
    backend_type: 'client backend',
    own_pid: own,
    ...facts,
  }
}

function database(facts: Partial<DatabaseRow> = {}): DatabaseRow {
  return {
    oid: 16_384,
    datname: 'shop',
    sessions: '40',
    abandoned: '1',
    fatal: '2',
    killed: '3',
    role: 'app',
    is_superuser: 'off',
    server_addr: '10.0.0.1',
    ...facts,
  }
}

const worker: Partial<BackendRow> = {
  datid: null,
  usesysid: null,
  usename: null,
  client_addr: null,
  client_port: null,
  state: null,
  query: '',
  backend_type: 'checkpointer',
}
/** A session of another role, as one without pg_monitor sees it. */
const unseen: Partial<BackendRow> = {
  state: null,
  client_addr: null,
  client_port: null,
  backend_start: null,
  state_change: null,
  wait_event_type: null,
  wait_event: null,
  query: '<insufficient privilege>',
  backend_type: null,
}

interface Given {
  row?: Partial<BackendRow>
  asking?: Partial<BackendRow>
  databases?: DatabaseRow[]
  locks?: LockRow[]
}

function only({row, asking, databases = [database()], locks = []}: Given): Session {
  const backends = [backend({pid: own, ...asking}), backend(row)]
  const sessions = sessionsOf({backends, databases, locks, superusers: new Set()})
  expect(sessions).toHaveLength(1)
  return sessions[0]!
}

describe('a row of a session', () => {
  it('is a session, without the one that asks', () => {
    expect(only({})).toEqual({
      pid: 2,
      user: 'app',
      database: 'shop',
      client: '10.0.0.7:40000',
      here: true,
      application: 'psql',
      program: 'psql',
      state: 'idle',
      seconds: 1.5,
      transactionSeconds: null,
      connectedSeconds: 2.999999,
      backendStart: '2000-01-01T00:00:01.000001Z',
      stateSince: '2000-01-01T00:00:02.500000Z',
      waitType: 'Client',
      waitEvent: 'ClientRead',
      lock: null,
      blockedBy: [],
      superuser: false,
      hidden: false,
      query: 'select 1',
      backend: 'client backend',
    })
  })

  it.each<[string, Partial<BackendRow>, Partial<Session>]>([
    [
      'a worker',
      worker,
      {
        user: null,
        database: null,
        client: '',
        here: false,
        backend: 'checkpointer',
        hidden: false,
        query: '',
        program: 'server',
      },
    ],
    [
      'hidden',
      unseen,
      {
        user: 'app',
        database: 'shop',
        client: '',
        here: false,
        backend: '',
        hidden: true,
        query: '',
        seconds: null,
        connectedSeconds: null,
        backendStart: null,
        stateSince: null,
      },
    ],
    ['without a state yet', {state: null, state_change: null}, {seconds: 2.999999, stateSince: null}],
    ['of a role that was dropped', {usesysid: 77, usename: 'unknown (OID=77)'}, {user: null}],
    ['of a role with such a name', {usesysid: 78, usename: 'unknown (OID=77)'}, {user: 'unknown (OID=77)'}],
    ['in a database that was dropped', {datid: 5}, {database: null}],
    ['in a transaction', {xact_start: sent(3_999_999)}, {transactionSeconds: 0.000001}],
    ['over IPv6', {client_addr: 'fe80::1'}, {client: 'fe80::1:40000', here: false}],
    ['over a socket', {client_addr: null, client_port: -1}, {client: 'socket', here: false}],
  ])('that is %s', (_what, row, expected) => {
    expect(only({row})).toMatchObject(expected)
  })

  // We, the server, another, and whether that one is here too.
  it.each<[string | null, string | null, string | null, boolean]>([
    ['10.0.0.7', '10.0.0.1', '10.0.0.7', true],
    ['10.0.0.7', '10.0.0.1', '10.0.0.8', false],
    ['10.0.0.7', '10.0.0.1', '127.0.0.1', false],
    ['127.0.0.1', '127.0.0.1', null, true],
    ['127.0.0.1', '127.0.0.1', '::1', true],
    ['127.0.0.9', '127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.1', '10.0.0.1', false],
    ['10.0.0.1', '10.0.0.1', '127.0.0.1', true],
    [null, null, '127.0.0.1', true],
    [null, null, null, true],
    [null, null, '10.0.0.8', false],
    ['::1', '::1', '10.0.0.8', false],
  ])('from %s of a server at %s means that %s is here: %s', (address, server, client, here) => {
    const databases = [database({server_addr: server})]
    expect(only({asking: {client_addr: address}, row: {client_addr: client}, databases}).here).toBe(here)
  })

  it('has the lock that it waits for, and those that hold it up', () => {
    const lock: LockRow = {pid: 2, kind: 'relation', mode: 'ShareLock', relation: 'activities', blockers: [7, 9]}
    expect(only({locks: [lock]})).toMatchObject({
      lock: {kind: 'relation', mode: 'ShareLock', relation: 'activities'},
      blockedBy: [7, 9],
    })
    // It has got it meanwhile.
    expect(only({locks: [{...lock, kind: null, mode: null, relation: null, blockers: []}]})).toMatchObject({
      lock: null,
      blockedBy: [],
    })
  })

  it('is asked about its lock if it waits for one', () => {
    expect(
      waitingForLock([
        backend(),
        backend({pid: 3, wait_event_type: 'Lock'}),
        backend({pid: 4, ...worker, wait_event_type: null}),
      ]),
    ).toEqual([3])
  })

  it('is of a superuser where its role is one', () => {
    const backends = [backend({pid: own}), backend({pid: 3, usesysid: 11}), backend({pid: 4, usesysid: 12})]
    const sessions = sessionsOf({backends, databases: [database()], locks: [], superusers: new Set([11])})
    expect(sessions.map(({pid, superuser}) => [pid, superuser])).toEqual([
      [3, true],
      [4, false],
    ])
  })
})

describe('the closed sessions', () => {
  it('are those of all databases, less those still there: the one that asks, and hidden ones, but no workers', () => {
    const backends = [
      backend({pid: own}),
      backend({pid: 3}),
      backend({pid: 4, ...unseen}),
      backend({pid: 5, ...unseen, datid: null}),
      backend({pid: 6, ...worker}),
    ]
    expect(closedSessions({backends, databases: [database(), database({oid: 5, sessions: '2'})]})).toEqual({
      closed: 39,
      abandoned: 2,
      fatal: 4,
      killed: 6,
    })
    expect(closedSessions({backends, databases: [database({sessions: '1'})]})?.closed).toBe(0)
  })

  it('are not known before Postgres 14', () => {
    const {oid, datname, role, is_superuser, server_addr} = database()
    expect(
      closedSessions({backends: [backend()], databases: [{oid, datname, role, is_superuser, server_addr}]}),
    ).toBeUndefined()
  })
})
