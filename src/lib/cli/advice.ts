import type {WarningCode} from '../access/context.js'
import {ConnectionError, CruddurError, SqlError, StateError} from '../errors.js'
import {localName} from '../targets/local-name.js'
import {hint} from './hints.js'

/** What advice depends on besides the failure. */
export interface AdviceContext {
  /** The id of the command that failed. */
  command?: string | undefined
  /** The name of the command's target. */
  target?: string | undefined
  /** The database of the target, once it was found. */
  database?: string | undefined
}

/** The details of failures that advice depends on. */
interface AdviceFacts {
  database?: string
  /** The layer at which doctor stopped. */
  failed?: string
  /** The sessions that hold a lock. */
  holders?: {pid: number}[]
  mayBeStarting?: boolean
  migrations?: readonly {state: string}[] | number
  /** The program whose file it is. */
  program?: string
  phase?: string
  place?: {file: string}
  /** The code of the failure to connect again. */
  reconnect?: string
  wantedPort?: number
}

type Failure = CruddurError & {readonly details: AdviceFacts}

/** All advice on a failure. It has the failure's own lines, in the order in which they are shown. */
type Advice = (failure: Failure, context: AdviceContext) => readonly string[]

const connecting: Record<string, Advice> = {
  connect_timeout: ({next, details: {phase}}) =>
    phase === 'tcp' ? [...next, `To allow this machine in the security group: ${hint('sg:update')}`] : next,
  authentication_unsupported: ({next}, {target}) => [
    ...next,
    `Or try psql, which may support it: ${hint('connect', target)}`,
  ],
  // A statement may also name a missing database, and a maintenance database has another name.
  '3D000': (failure, {target, database}) => {
    const {next, details} = failure
    const own = failure instanceof StateError && details.database === database
    return own ? [...next, `To create it: ${hint('create', target)}`] : next
  },
  // Someone who has waited in vain is not told to wait.
  '57P03': (failure, {target, command}) => {
    const helps = failure instanceof ConnectionError && command !== 'wait'
    return helps ? [...failure.next, `To wait until it is ready: ${hint('wait', target)}`] : failure.next
  },
  '53300': (failure, {target}) => {
    const own = failure instanceof ConnectionError
    return own ? [...failure.next, `To see who is connected: ${hint('sessions', target)}`] : failure.next
  },
  connection_lost: (failure, context) =>
    failure.details.reconnect === undefined ? failure.next : withCause(failure, context),
}

const checking: Record<string, Advice> = {
  layer_failed: (failure, context) => {
    const lines = withCause(failure, context)
    const {cause, details} = failure
    const solved = cause instanceof CruddurError && adviceOn(cause, context).length > cause.next.length
    return solved || details.failed === 'target' || details.failed === 'url'
      ? lines
      : [...lines, `To see where each part of the URL comes from: ${hint(`target ${context.target ?? localName}`)}`]
  },
  schema_missing: ({next}, {target}) => [...next, `To load the schema: ${hint('schema:load', target)}`],
  rule_differs: ({next}) => [...next, `To allow this machine: ${hint('sg:update')}`],
  wait_timeout: (failure, context) => [
    ...withCause(failure, context),
    `To find the reason: ${hint(`doctor ${context.target ?? localName}`)}`,
  ],
}

const files: Record<string, Advice> = {
  schema_file_missing: exampleFiles,
  seed_file_missing: exampleFiles,
  // In setup the database is new, so there are no rows of an earlier seed.
  '23505': (failure, {target, command}) =>
    failure instanceof SqlError && command === 'seed'
      ? [...failure.next, `If the database was already seeded, rebuild it: ${hint('setup', target)}`]
      : failure.next,
}

/** What a migration would make is there already, as with a baseline. */
const alreadyThere: Advice = (failure, {target, command}) => {
  const [version] = /\d{14}(?=_)/.exec(failure.details.place?.file ?? '') ?? []
  if (command !== 'migrate' || version === undefined) return failure.next
  const adopt = hint(`migrate:adopt --to ${version}`, target)
  return [...failure.next, `If the database has all that the migrations up to this one make: ${adopt}`]
}

const migrations: Record<string, Advice> = {
  '42P06': alreadyThere,
  '42P07': alreadyThere,
  '42710': alreadyThere,
  '42723': alreadyThere,
  lock_timeout: ({next, details: {holders = []}}, {target}) => {
    const pids = holders.flatMap(({pid}) => (pid > 0 ? [String(pid)] : []))
    const kill = hint(['sessions:kill', ...pids].join(' '), target)
    return pids.length === 0 ? next : [...next, `To end ${pids.length === 1 ? 'it' : 'them'}: ${kill}`]
  },
  migrations_missing: ({next}) => [...next, `To write the first migration: ${hint('migrate:new add_email_to_users')}`],
  migration_half_done: ({next}, {target}) => [...next, `To go on: ${hint('migrate', target)}`],
  migration_half_undone: ({next}, {target}) => [...next, `To go on: ${hint('migrate:down', target)}`],
  migrations_differ: ({next, details: {migrations}}, {target}) =>
    Array.isArray(migrations) && migrations.some(({state}) => state === 'pending')
      ? [...next, `To apply what is pending: ${hint('migrate', target)}`]
      : next,
  migration_both_directions: ({next, details: {program}}, {target}) =>
    program === 'dbmate' ? [...next, `Or put it into sql/migrations: ${hint('migrate', target)}`] : next,
  version_unknown: ({next}, {target}) => [...next, `To list the versions: ${hint('migrate:status', target)}`],
}

const sessions: Record<string, Advice> = {
  no_terminal: ({next}, {target}) => [...next, `Without a terminal: ${hint('sessions --csv', target)}`],
  pid_invalid: ({next}, {target}) => [...next, `To list sessions: ${hint('sessions', target)}`],
  sessions_unnamed: ({next}, {target}) => [
    ...next,
    `To list sessions: ${hint('sessions', target)}`,
    `To select by process id: ${hint('sessions:kill 30399', target)}`,
    `To select by a filter: ${hint('sessions:kill --idle-over 10m --dry-run', target)}`,
  ],
  sessions_named_twice: ({next}) => [...next, hint('sessions:kill --help')],
}

const server: Record<string, Advice> = {
  server_running: ({next, details: {wantedPort}}) => [
    ...next,
    `${hint('server:stop')} && ${hint(`server:start --port ${wantedPort}`)}`,
  ],
  server_unproven: ({next}) => [...next, `To see what is known of the server: ${hint('server:status')}`],
  port_taken: ({next}) => [...next, `Stop that program, or use another port: ${hint('server:start --port 15433')}`],
  server_stopped: ({next}) => [...next, `To start it: ${hint('server:start')}`],
}

const securityGroup: Record<string, Advice> = {
  address_refused: ({next}) => [`To set this machine's public address: ${hint('sg:update --ip <address>')}`, ...next],
  public_ip_unknown: ({next}) => [`To set it yourself: ${hint('sg:update --ip <address>')}`, ...next],
  region_missing: ({next}) => [...next, `Set AWS_REGION, or use --region: ${hint('sg:update --region eu-central-1')}`],
  rule_is_egress: ({next}) => [...next, `Use an inbound rule: ${hint('sg:update --rule-id sgr-…')}`],
  rule_without_cidr: ({next}) => [
    ...next,
    `Use a rule whose source is an address: ${hint('sg:update --rule-id sgr-…')}`,
  ],
}

/** The advice that names a command, by the code of the failure. */
export const adviceByCode: Readonly<Record<string, Advice>> = {
  ...connecting,
  ...checking,
  ...files,
  ...migrations,
  ...sessions,
  ...server,
  ...securityGroup,
}

/** What the user can do after a failure: its own advice, and the commands that help. */
export function adviceOn(failure: CruddurError, context: AdviceContext): readonly string[] {
  const advice = Object.hasOwn(adviceByCode, failure.code) ? adviceByCode[failure.code] : undefined
  const lines = advice?.(failure, context) ?? failure.next
  const {mayBeStarting} = failure.details as AdviceFacts
  const {command, target} = context
  if (!mayBeStarting || command === undefined) return lines
  return [...lines, `If the server is starting: ${hint('wait', target)} && ${hint(command, target)}`]
}

const warnings: Record<WarningCode, (target: string | undefined) => string> = {
  undo_copy_protected: (target) => `To list it: ${hint('undo --list', target)}`,
}

/** The advice on a warning. */
export function adviceOnWarning(code: WarningCode, target: string | undefined): string {
  return warnings[code](target)
}

function withCause({next, cause}: CruddurError, context: AdviceContext): readonly string[] {
  return cause instanceof CruddurError ? [...next, ...adviceOn(cause, context)] : next
}

function exampleFiles({next}: CruddurError): readonly string[] {
  return [...next, `Use --file with a file, or write example files: ${hint('init')}`]
}
