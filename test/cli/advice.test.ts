import {beforeEach, describe, expect, it, vi} from 'vitest'
import {adviceByCode, type AdviceContext, adviceOn, adviceOnWarning} from '../../src/lib/cli/advice.js'
import {readManifest} from '../../src/lib/cli/manifest.js'
import {
  AwsError,
  CheckError,
  ConfigurationError,
  ConnectionError,
  type CruddurError,
  type ErrorOptions,
  SqlError,
  StateError,
  UsageError,
} from '../../src/lib/errors.js'
import {packageRoot} from '../../src/lib/package-root.js'
import {cli, json} from '../support/cli.js'
import {uniqueName, urlOf} from '../support/databases.js'
import {freePort} from '../support/free-port.js'

const prod: AdviceContext = {command: 'seed', target: 'prod', database: 'd'}
const local: AdviceContext = {command: 'seed', target: 'local', database: 'd'}
const own = ['Its own line.']
type Options = Partial<ErrorOptions>
type FailureClass = new (message: string, options: ErrorOptions) => CruddurError
const failure = (Failure: FailureClass, code: string, options: Options = {}): CruddurError =>
  new Failure('Failed.', {code, next: own, ...options})

const missing = failure(StateError, '3D000', {next: [], details: {database: 'd'}})
const refused = failure(ConnectionError, 'ECONNREFUSED')

/** Every code of the table, a failure with it, and the advice on it for the target prod. */
const table: [string, CruddurError, string[]][] = [
  [
    'connect_timeout',
    failure(ConnectionError, 'connect_timeout', {details: {phase: 'tcp'}}),
    [...own, 'To allow this machine in the security group: cruddur-db sg:update'],
  ],
  [
    'authentication_unsupported',
    failure(ConnectionError, 'authentication_unsupported'),
    [...own, 'Or try psql, which may support it: cruddur-db connect prod'],
  ],
  ['3D000', missing, ['To create it: cruddur-db create prod']],
  ['57P03', failure(ConnectionError, '57P03'), [...own, 'To wait until it is ready: cruddur-db wait prod']],
  ['53300', failure(ConnectionError, '53300'), [...own, 'To see who is connected: cruddur-db sessions prod']],
  [
    'connection_lost',
    failure(ConnectionError, 'connection_lost', {
      details: {reconnect: '57P03'},
      cause: failure(ConnectionError, '57P03', {next: []}),
    }),
    [...own, 'To wait until it is ready: cruddur-db wait prod'],
  ],
  [
    'layer_failed',
    failure(CheckError, 'layer_failed', {details: {failed: 'tcp'}, next: ['Set the clock.'], cause: refused}),
    ['Set the clock.', ...own, 'To see where each part of the URL comes from: cruddur-db target prod'],
  ],
  [
    'schema_missing',
    failure(StateError, 'schema_missing'),
    [...own, 'To load the schema: cruddur-db schema:load prod'],
  ],
  ['rule_differs', failure(AwsError, 'rule_differs'), [...own, 'To allow this machine: cruddur-db sg:update']],
  [
    'wait_timeout',
    failure(ConnectionError, 'wait_timeout', {next: [], cause: missing}),
    ['To create it: cruddur-db create prod', 'To find the reason: cruddur-db doctor prod'],
  ],
  ...['schema_file_missing', 'seed_file_missing'].map((code): [string, CruddurError, string[]] => [
    code,
    failure(ConfigurationError, code, {next: []}),
    ['Use --file with a file, or write example files: cruddur-db init'],
  ]),
  [
    '23505',
    failure(SqlError, '23505'),
    [...own, 'If the database was already seeded, rebuild it: cruddur-db setup prod'],
  ],
  ...['42P06', '42P07', '42710', '42723'].map((code): [string, CruddurError, string[]] => [
    code,
    failure(SqlError, code, {details: {place: {file: 'sql/migrations/20260101000001_baseline.sql'}}}),
    own,
  ]),
  [
    'migration_both_directions',
    failure(ConfigurationError, 'migration_both_directions', {details: {program: 'dbmate'}}),
    [...own, 'Or put it into sql/migrations: cruddur-db migrate prod'],
  ],
  [
    'no_terminal',
    failure(UsageError, 'no_terminal', {next: []}),
    ['Without a terminal: cruddur-db sessions prod --csv'],
  ],
  ['pid_invalid', failure(UsageError, 'pid_invalid', {next: []}), ['To list sessions: cruddur-db sessions prod']],
  [
    'sessions_unnamed',
    failure(UsageError, 'sessions_unnamed', {next: []}),
    [
      'To list sessions: cruddur-db sessions prod',
      'To select by process id: cruddur-db sessions:kill prod 30399',
      'To select by a filter: cruddur-db sessions:kill prod --idle-over 10m --dry-run',
    ],
  ],
  [
    'sessions_named_twice',
    failure(UsageError, 'sessions_named_twice', {next: []}),
    ['cruddur-db sessions:kill --help'],
  ],
  [
    'server_running',
    failure(StateError, 'server_running', {next: [], details: {wantedPort: 1234}}),
    ['cruddur-db server:stop && cruddur-db server:start --port 1234'],
  ],
  [
    'server_unproven',
    failure(ConnectionError, 'server_unproven'),
    [...own, 'To see what is known of the server: cruddur-db server:status'],
  ],
  [
    'port_taken',
    failure(StateError, 'port_taken', {next: []}),
    ['Stop that program, or use another port: cruddur-db server:start --port 15433'],
  ],
  ['server_stopped', failure(StateError, 'server_stopped', {next: []}), ['To start it: cruddur-db server:start']],
  [
    'lock_timeout',
    failure(StateError, 'lock_timeout', {details: {holders: [{pid: 7}, {pid: 0}, {pid: 8}]}}),
    [...own, 'To end them: cruddur-db sessions:kill prod 7 8'],
  ],
  [
    'migrations_missing',
    failure(ConfigurationError, 'migrations_missing'),
    [...own, 'To write the first migration: cruddur-db migrate:new add_email_to_users'],
  ],
  ['migration_half_done', failure(StateError, 'migration_half_done'), [...own, 'To go on: cruddur-db migrate prod']],
  [
    'migration_half_undone',
    failure(StateError, 'migration_half_undone'),
    [...own, 'To go on: cruddur-db migrate:down prod'],
  ],
  ['migrations_differ', failure(CheckError, 'migrations_differ'), own],
  [
    'version_unknown',
    failure(UsageError, 'version_unknown'),
    [...own, 'To list the versions: cruddur-db migrate:status prod'],
  ],
  [
    'address_refused',
    failure(UsageError, 'address_refused'),
    ["To set this machine's public address: cruddur-db sg:update --ip <address>", ...own],
  ],
  [
    'public_ip_unknown',
    failure(ConnectionError, 'public_ip_unknown'),
    ['To set it yourself: cruddur-db sg:update --ip <address>', ...own],
  ],
  [
    'region_missing',
    failure(ConfigurationError, 'region_missing', {next: []}),
    ['Set AWS_REGION, or use --region: cruddur-db sg:update --region eu-central-1'],
  ],
  [
    'rule_is_egress',
    failure(AwsError, 'rule_is_egress', {next: []}),
    ['Use an inbound rule: cruddur-db sg:update --rule-id sgr-…'],
  ],
  [
    'rule_without_cidr',
    failure(AwsError, 'rule_without_cidr', {next: []}),
    ['Use a rule whose source is an address: cruddur-db sg:update --rule-id sgr-…'],
  ],
]

/** The commands in a text: id, and what comes after it. */
const commandsIn = (text: string): [id: string, rest: string][] =>
  [...text.matchAll(/cruddur-db ([a-z:]+)(.*?)(?= && |$)/g)].map(([, id = '', rest = '']) => [id, rest])

describe('advice', () => {
  beforeEach(() => {
    vi.stubEnv('npm_config_user_agent', undefined)
  })

  it('is tested for every code', () => {
    expect(table.map(([code]) => code).sort()).toEqual(Object.keys(adviceByCode).sort())
  })

  it.each(table)('on %s names the command, and keeps the lines of the failure', (_code, error, lines) => {
    expect(adviceOn(error, prod)).toEqual(lines)
  })

  it('names the target after every command that takes one, and no other', () => {
    const {commands} = readManifest(packageRoot())
    const starting = failure(ConnectionError, 'ECONNREFUSED', {details: {mayBeStarting: true}})
    const lines = [...table.map(([, error]) => error), starting].flatMap((error) => adviceOn(error, prod))
    const found = [...lines, adviceOnWarning('undo_copy_protected', 'prod')].flatMap(commandsIn)
    expect(found.length).toBeGreaterThan(table.length)
    for (const [id, rest] of found) {
      expect([...commands.keys()]).toContain(id)
      const takesTarget = commands.get(id)?.args['target'] !== undefined && !rest.includes('--help')
      expect([id, / prod( |$)/.test(rest)]).toEqual([id, takesTarget])
    }
  })

  it('does not name the default target, unless the command means another one without it', () => {
    expect(adviceOn(missing, local)).toEqual(['To create it: cruddur-db create'])
    expect(adviceOn(failure(CheckError, 'layer_failed', {next: [], cause: missing}), local)).toEqual([
      'To create it: cruddur-db create',
    ])
    expect(adviceOn(failure(CheckError, 'layer_failed', {cause: refused}), local).at(-1)).toMatch(/ target local$/)
  })

  it.each<[string, CruddurError, AdviceContext]>([
    ['an unknown code', failure(StateError, 'constructor'), prod],
    ['a connection that was accepted', failure(ConnectionError, 'connect_timeout', {details: {phase: 'tls'}}), prod],
    ['a database that a statement has named', failure(SqlError, '3D000', {details: {database: 'd'}}), prod],
    ['a maintenance database', failure(StateError, '3D000', {details: {database: 'template1'}}), prod],
    ['a lost connection', failure(ConnectionError, 'connection_lost', {cause: missing}), prod],
    ['a server that is not ready after wait', failure(ConnectionError, '57P03'), {...prod, command: 'wait'}],
    ['a duplicate in setup', failure(SqlError, '23505'), {...prod, command: 'setup'}],
    ['migrations that are all applied', failure(CheckError, 'migrations_differ', {details: {migrations: 2}}), prod],
    ['a lock of a prepared transaction', failure(StateError, 'lock_timeout', {details: {holders: [{pid: 0}]}}), prod],
    ['an unknown target', failure(CheckError, 'layer_failed', {details: {failed: 'target'}}), prod],
  ])('on %s is only what the failure says', (_name, error, context) => {
    expect(adviceOn(error, context)).toEqual(own)
  })

  it('on what a baseline would make again is to record it', () => {
    const error = failure(SqlError, '42P07', {details: {place: {file: 'sql/migrations/20260101000001_baseline.sql'}}})
    expect(adviceOn(error, {...prod, command: 'migrate'})).toEqual([
      ...own,
      'If the database has all that the migrations up to this one make: cruddur-db migrate:adopt prod --to 20260101000001',
    ])
  })

  it('on a server that may be starting is to wait, then to run the command again', () => {
    const starting = failure(ConnectionError, 'ECONNREFUSED', {details: {mayBeStarting: true}})
    expect(adviceOn(starting, {...prod, command: 'setup'})).toEqual([
      ...own,
      'If the server is starting: cruddur-db wait prod && cruddur-db setup prod',
    ])
  })
})

describe('a command on another target', () => {
  it('is told to create that one, if its database does not exist', async () => {
    const env = {PROD_CONNECTION_URL: urlOf(uniqueName())}
    const human = await cli(['sessions', 'prod'], {env})
    expect(human).toMatchObject({exitCode: 5, stderr: expect.stringMatching(/cruddur-db create prod$/) as string})
    expect(json(await cli(['sessions', 'prod', '--json'], {env})).error?.next).toEqual([
      'To create it: cruddur-db create prod',
    ])
  })

  it.each([
    [['sessions', 'prod', '--watch'], /cruddur-db sessions prod --csv$/],
    [['sessions:kill', 'prod'], /cruddur-db sessions:kill prod 30399$/m],
    [['sessions:kill', 'PROD', 'x'], /cruddur-db sessions prod$/],
    [['sessions:kill', '5', 'x'], /cruddur-db sessions$/],
    [['sessions', 'postgres://u:secret@h/d', '--watch'], /cruddur-db sessions --csv$/],
  ])('is told of it before it was opened: %j', async (args, advice) => {
    const {exitCode, stderr} = await cli(args)
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(advice)
    expect(stderr).not.toContain('secret')
  })

  it('is told of it when it has waited in vain', async () => {
    const env = {PROD_CONNECTION_URL: `postgres://u@127.0.0.1:${await freePort()}/d`}
    expect((await cli(['wait', 'prod', '--timeout', '0'], {env})).stderr).toMatch(/cruddur-db doctor prod$/)
    expect((await cli(['doctor', 'prod'], {env})).stderr).toMatch(/cruddur-db target prod$/)
  })
})
