import type {OperationContext} from '../access/context.js'
import {updateSecurityGroup} from '../aws/update-security-group.js'
import {AwsError, CheckError, ConfigurationError, ConnectionError, type CruddurError, StateError} from '../errors.js'
import {protectionOf} from '../targets/protection.js'
import {isRdsHost} from '../targets/rds.js'
import {describeTarget, localName, type Target} from '../targets/target.js'
import type {Variables} from '../targets/variables.js'
import {clockHint, connectInLayers, type ConnectionLayers} from './connection.js'
import {describeHealth, type Health} from './health.js'

/** The layers, in the order in which they are checked. */
export type LayerName =
  | 'target'
  | 'url'
  | 'dns'
  | 'security group'
  | 'tcp'
  | 'tls'
  | 'authentication'
  | 'server'
  | 'database'
  | 'protection'
  | 'schema'
  | 'schema file'
  | 'migrations'
  | 'connections'

/** The state of one layer. After a warning the check goes on. */
export interface Layer {
  layer: LayerName
  status: 'ok' | 'warning' | 'failed'
  detail: string
  milliseconds: number
}

/** Compares something of a database with files; undefined if there are none. */
export interface FileCheck {
  layer: LayerName
  check: (context: OperationContext) => Promise<Pick<Layer, 'status' | 'detail'> | undefined>
}

export interface DoctorOptions {
  name: string
  /** Resolves the target, and starts the embedded server if the target uses it. */
  open: () => Promise<OperationContext>
  variables: Variables
  /** Compares the database with the files of the folder. */
  compareFiles: readonly FileCheck[]
  /** Called after each layer. */
  onLayer: (layer: Layer) => void
  signal: AbortSignal
}

/** The result if no layer failed; it has all layers. */
export interface DoctorResult {
  layers: Layer[]
}

type Report = (layer: LayerName, status: Layer['status'], detail: string, milliseconds?: number) => void

const scarceConnections = 3

/**
 * Checks every layer between this machine and the tables of a target, and stops at the first that fails.
 * @throws CheckError (`layer_failed`) with `details.layers`; its `cause` is the failure of the layer
 */
export async function doctor({
  name,
  open,
  variables,
  compareFiles,
  onLayer,
  signal,
}: DoctorOptions): Promise<DoctorResult> {
  const layers: Layer[] = []
  let last = performance.now()
  const report: Report = (layer, status, detail, milliseconds) => {
    const now = performance.now()
    const found = {layer, status, detail, milliseconds: Math.round(milliseconds ?? now - last)}
    last = now
    layers.push(found)
    onLayer(found)
  }
  const fail = (layer: LayerName, failure: CruddurError, milliseconds?: number, hints: string[] = []): CheckError => {
    report(layer, 'failed', failure.message, milliseconds)
    return new CheckError(`The check of ${name} failed at this layer: ${layer}.`, {
      code: 'layer_failed',
      next: hints,
      details: {layers, failed: layer, reason: failure.code},
      cause: failure,
    })
  }

  const context = await open().catch((error: unknown) => {
    throw error instanceof ConfigurationError || error instanceof StateError
      ? fail(layerOfConfiguration(error), error)
      : error
  })
  report('target', 'ok', describeTarget(context.target))
  report('url', 'ok', context.target.url.toString())
  const suspicion = await lookAtRule(context.target, variables, signal)
  const seen = await connectInLayers(context, describeHealth)
  reportConnection(seen, suspicion, report)
  if (seen.failure !== undefined) {
    const ofGroup = seen.failed === 'tcp' && suspicion?.differs === true
    if (ofGroup) throw fail('security group', suspicion.failure, suspicion.milliseconds)
    throw fail(seen.failed, seen.failure, seen.milliseconds, await clockHint(seen, context, variables))
  }

  reportHealth(seen.value, context.target, report, fail)
  for (const {layer, check} of compareFiles) {
    const found = await check({...context, preconnection: undefined})
    if (found !== undefined) report(layer, found.status, found.detail)
  }
  return {layers}
}

function layerOfConfiguration({code}: CruddurError): LayerName {
  return code === 'url_invalid' || code.startsWith('service_') || code === 'iam_needs_tls' ? 'url' : 'target'
}

interface RuleView {
  detail: string
  milliseconds: number
  differs: boolean
  failure: CruddurError
}

/** Compares the security-group rule with this machine's address, if DB_SG_ID is set. It is no failure if that is not possible. */
async function lookAtRule(target: Target, variables: Variables, signal: AbortSignal): Promise<RuleView | undefined> {
  const concerned = target.name !== localName || target.url.hosts.some(({host}) => isRdsHost(host))
  if (!concerned || !variables.find('DB_SG_ID')?.value) return undefined
  const start = performance.now()
  const view = (detail: string, differs: boolean): RuleView => ({
    ...{detail, differs, milliseconds: performance.now() - start},
    failure: new AwsError(detail, {code: 'rule_differs'}),
  })
  try {
    const {
      rules: [rule],
    } = await updateSecurityGroup({dryRun: true, variables}, {progress: () => undefined, signal})
    const {ruleId, before, after} = rule ?? {}
    if (before?.cidr === after?.cidr) return view(`${ruleId} allows ${after?.cidr}, the address of this machine`, false)
    return view(`${ruleId} allows ${before?.cidr}, but this machine is ${after?.cidr}.`, true)
  } catch (error) {
    if (error instanceof AwsError || error instanceof ConfigurationError || error instanceof ConnectionError) {
      return {...view(`not checked: ${error.message}`, false), failure: error}
    }

    throw error
  }
}

function reportConnection(
  {layers, failed}: ConnectionLayers<unknown>,
  rule: RuleView | undefined,
  report: Report,
): void {
  for (const {layer, detail, warning, milliseconds} of layers) {
    report(layer, warning ? 'warning' : 'ok', detail, milliseconds)
    if (layer !== 'dns' || rule === undefined || (rule.differs && failed === 'tcp')) continue
    const doubtful = rule.differs || rule.detail.startsWith('not checked')
    report('security group', doubtful ? 'warning' : 'ok', rule.detail, rule.milliseconds)
  }
}

function reportHealth(
  health: Health,
  {name, url}: Target,
  report: Report,
  fail: (layer: LayerName, failure: CruddurError) => CheckError,
): void {
  const {version, standby, bytes, tables, connections, free, marked, address} = health
  report('server', 'ok', `Postgres ${version}${standby ? ', a read-only standby' : ''}`)
  report('database', 'ok', `${url.database}, ${(bytes / 1e6).toFixed(1)} MB`)
  const protection = protectionOf(name, url, address) ?? (marked ? 'mark' : undefined)
  report('protection', 'ok', protection === undefined ? 'none' : `by its ${protection.replace(/mark$/, 'marker')}`)
  if (tables.length === 0) {
    throw fail('schema', new StateError(`"${url.database}" has no tables.`, {code: 'schema_missing'}))
  }

  const some = tables.slice(0, 5).join(', ')
  report(
    'schema',
    'ok',
    `${tables.length} ${tables.length === 1 ? 'table' : 'tables'}: ${some}${tables.length > 5 ? ', …' : ''}`,
  )
  report('connections', free <= scarceConnections ? 'warning' : 'ok', `${Math.max(0, free)} of ${connections} free`)
}
