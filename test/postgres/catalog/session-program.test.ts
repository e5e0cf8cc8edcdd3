import {describe, expect, it} from 'vitest'
import {guessProgram, isProvidersRole} from '../../../src/lib/postgres/catalog/session-program.js'

const guess = (application: string, user = 'app', backend = 'client backend', hidden = false): string =>
  guessProgram({application, user, backend, hidden})

describe('the guess at a program', () => {
  it.each([
    ['psql', 'psql'],
    ['cruddur-db', 'cruddur-db'],
    ['pg_dump', 'pg_dump'],
    ['pg_dumpall', 'pg_dump'],
    ['pg_restore', 'pg_restore'],
    ['pgAdmin 4 - DB:shop', 'pgAdmin'],
    ['pgAdmin 4 - CONN:1234567', 'pgAdmin'],
    ['DBeaver 24.0.1 - SQLEditor <Script-3.sql>', 'DBeaver'],
    ['DataGrip 2024.1', 'DataGrip'],
    ['Metabase v0.49.1 [6e7f]', 'Metabase'],
    ['node api/server.js', 'Node'],
    ['worker.mjs', 'Node'],
    ['nextjs', 'Node'],
    ['gunicorn: worker', 'Python'],
    ['manage.py', 'Python'],
    ['bin/rails', 'Ruby'],
    ['puma: cluster worker 0', 'Ruby'],
    ['PostgreSQL JDBC Driver', 'Java'],
    ['walreceiver', 'replication'],
    ['Debezium Streaming', 'replication'],
    ['PostgREST 12.0.2', 'PostgREST'],
    ['app - 127.0.0.1:5000', ''],
    ['my psql tool', ''],
    ['goland-like', 'DataGrip'],
    ['node-like nodes', 'Node'],
    ['', ''],
  ])('takes %j for %j', (application, program) => {
    expect(guess(application)).toBe(program)
  })

  it('goes by the role of a provider, and by what the server says of its own', () => {
    expect(guess('PostgreSQL JDBC Driver', 'rdsadmin')).toBe('RDS')
    expect(guess('', 'cloudsqladmin')).toBe('Cloud SQL')
    expect(isProvidersRole('rdsadmin')).toBe(true)
    expect(isProvidersRole('my_rdsadmin')).toBe(false)
    expect(isProvidersRole(null)).toBe(false)
    expect(guess('', '', 'autovacuum worker')).toBe('autovacuum')
    expect(guess('standby1', 'repl', 'walsender')).toBe('replication')
    expect(guess('', '', 'checkpointer')).toBe('server')
    expect(guess('psql', 'other', '', true)).toBe('psql')
  })
})
