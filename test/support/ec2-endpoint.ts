import type {IncomingHttpHeaders, IncomingMessage, ServerResponse} from 'node:http'
import {text} from 'node:stream/consumers'
import {serve} from './http-server.js'

/** A rule with EC2's own field names; a missing field is not set. */
export interface StoredRule {
  SecurityGroupRuleId: string
  GroupId: string
  IsEgress?: boolean
  IpProtocol?: string
  FromPort?: number
  ToPort?: number
  CidrIpv4?: string
  CidrIpv6?: string
  PrefixListId?: string
  ReferencedGroupId?: string
  Description?: string
}

/** A request: its form fields by name, for example `SecurityGroupRule.1.SecurityGroupRule.CidrIpv4`. */
export interface ReceivedRequest {
  action: string
  fields: Record<string, string>
  headers: IncomingHttpHeaders
}

/**
 * A fault: the endpoint answers with an error or a text, cuts the connection or does not answer. With `lost` it does what it
 * was asked and cuts the connection.
 */
export interface Fault {
  /** The action that fails; every action if omitted. */
  action?: string
  /** How many times it fails; always if omitted. */
  times?: number
  reply:
    | {status: number; code: string; message?: string}
    | {status: number; body: string}
    | 'cut'
    | 'lost'
    | 'silence'
    | 'ignore'
}

/** A fake EC2 endpoint. */
export interface Ec2Endpoint {
  url: string
  rules: Map<string, StoredRule>
  requests: ReceivedRequest[]
  faults: Fault[]
  /** How many more describes return the rules from before a change, as those of EC2 may. */
  lag: number
  /** How far its clock is ahead of this machine's, in milliseconds; AWS rejects requests that are off by 5 minutes. */
  clockAhead: number
  /** The requested actions, in order. */
  actions(): string[]
  close(): Promise<void>
}

const sources = ['CidrIpv4', 'CidrIpv6', 'PrefixListId', 'ReferencedGroupId'] as const
const told = [...sources, 'IpProtocol', 'FromPort', 'ToPort'] as const

/**
 * Starts an endpoint that speaks EC2's query protocol: a form comes in, XML goes out
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html). It stores changes, and is as strict about
 * them as EC2: a rule has one kind of source, its IP version cannot change, and a field that is not sent is removed.
 */
export async function startEc2(...rules: StoredRule[]): Promise<Ec2Endpoint> {
  const state: State = {
    rules: new Map(rules.map((rule) => [rule.SecurityGroupRuleId, rule])),
    stale: new Map(rules.map((rule) => [rule.SecurityGroupRuleId, rule])),
    requests: [],
    faults: [],
    clockAhead: 0,
    lag: 0,
    actions: () => state.requests.map(({action}) => action),
  }
  const server = await serve((request, response) => {
    void receive(request).then((received) => {
      state.requests.push(received)
      answer(received, response, state)
    })
  })
  return Object.assign(state, server)
}

type State = Omit<Ec2Endpoint, 'url' | 'close'> & {stale: Map<string, StoredRule>}

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const fields = Object.fromEntries(new URLSearchParams(await text(request)))
  return {action: fields['Action'] ?? '', fields, headers: request.headers}
}

function answer({action, fields, headers}: ReceivedRequest, response: ServerResponse, state: State): void {
  const now = Date.now() + state.clockAhead
  if (state.clockAhead !== 0) response.setHeader('date', new Date(now).toUTCString())
  if (Math.abs(now - signedAt(headers)) > 5 * 60_000) return fail(response, 'RequestExpired', 'Request has expired.')
  const reply = takeFault(state.faults, action)
  if (reply === 'silence') return
  if (reply === 'cut') response.destroy()
  else if (reply === 'ignore') succeed(response, action, '<return>true</return>')
  else if (reply === 'lost') act(action, fields, state, response.destroy())
  else if (reply !== undefined && 'body' in reply) send(response, reply.status, reply.body)
  else if (reply !== undefined) fail(response, reply.code, reply.message, reply.status)
  else act(action, fields, state, response)
}

function act(action: string, fields: Record<string, string>, state: State, response: ServerResponse): void {
  if (action === 'DescribeSecurityGroupRules') describe(fields, state, response)
  else if (action === 'ModifySecurityGroupRules') modify(fields, state, response)
  else if (action === 'AuthorizeSecurityGroupIngress') authorize(fields, state, response)
  else if (action === 'RevokeSecurityGroupIngress') revoke(fields, state, response)
  else fail(response, 'InvalidAction', `The action ${action} is not valid for this web service.`)
}

/** Converts `20260102T030405Z` to milliseconds. */
function signedAt(headers: IncomingHttpHeaders): number {
  const [, day, time] = /^(\d{8})T(\d{6})Z$/.exec(String(headers['x-amz-date'])) ?? []
  return Date.parse(`${day?.replace(/(....)(..)/, '$1-$2-')}T${time?.replace(/(..)(..)/, '$1:$2:')}Z`)
}

function takeFault(faults: Fault[], action: string): Fault['reply'] | undefined {
  const fault = faults.find((other) => (other.action ?? action) === action && other.times !== 0)
  if (fault?.times !== undefined) fault.times -= 1
  return fault?.reply
}

function describe(fields: Record<string, string>, state: State, response: ServerResponse): void {
  const group = fields['Filter.1.Name'] === 'group-id' ? fields['Filter.1.Value.1'] : undefined
  if (group !== undefined) {
    describeGroup(
      [...state.rules.values()].filter(({GroupId}) => GroupId === group),
      Number(fields['NextToken'] ?? 0),
      response,
    )
    return
  }

  const id = fields['SecurityGroupRuleId.1'] ?? ''
  const lagging = state.lag > 0 && state.actions().includes('ModifySecurityGroupRules')
  if (lagging) state.lag -= 1
  const rule = (lagging ? state.stale : state.rules).get(id)
  if (rule === undefined)
    fail(response, 'InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`)
  else
    succeed(
      response,
      'DescribeSecurityGroupRules',
      `<securityGroupRuleSet><item>${ruleXml(rule)}</item></securityGroupRuleSet>`,
    )
}

/** Returns two rules per page, so that a client must ask for the next page. */
function describeGroup(rules: StoredRule[], from: number, response: ServerResponse): void {
  const items = rules.slice(from, from + 2).map((rule) => `<item>${ruleXml(rule)}</item>`)
  const more = from + 2 < rules.length ? `<nextToken>${from + 2}</nextToken>` : ''
  succeed(
    response,
    'DescribeSecurityGroupRules',
    `<securityGroupRuleSet>${items.join('')}</securityGroupRuleSet>${more}`,
  )
}

function authorize(fields: Record<string, string>, {rules}: State, response: ServerResponse): void {
  const at = (name: string): string | undefined => fields[`IpPermissions.1.${name}`]
  const rule: StoredRule = {
    SecurityGroupRuleId: `sgr-0made${rules.size}`,
    GroupId: fields['GroupId'] ?? '',
    IpProtocol: at('IpProtocol'),
    FromPort: Number(at('FromPort')),
    ToPort: Number(at('ToPort')),
    CidrIpv4: at('IpRanges.1.CidrIp'),
    CidrIpv6: at('Ipv6Ranges.1.CidrIpv6'),
    Description: at('IpRanges.1.Description') ?? at('Ipv6Ranges.1.Description'),
  }
  const others = [...rules.values()].filter(({GroupId}) => GroupId === rule.GroupId)
  if (others.some((other) => told.every((name) => other[name] === rule[name])))
    fail(response, 'InvalidPermission.Duplicate', 'the specified rule already exists')
  else {
    rules.set(rule.SecurityGroupRuleId, rule)
    succeed(
      response,
      'AuthorizeSecurityGroupIngress',
      `<return>true</return><securityGroupRuleSet><item>${ruleXml(rule)}</item></securityGroupRuleSet>`,
    )
  }
}

function revoke(fields: Record<string, string>, {rules}: State, response: ServerResponse): void {
  if (rules.delete(fields['SecurityGroupRuleId.1'] ?? ''))
    succeed(response, 'RevokeSecurityGroupIngress', '<return>true</return>')
  else fail(response, 'InvalidSecurityGroupRuleId.NotFound', 'The security group rule does not exist')
}

function modify(fields: Record<string, string>, {rules}: State, response: ServerResponse): void {
  const at = 'SecurityGroupRule.1.SecurityGroupRule.'
  const given = new Map(
    Object.entries(fields).flatMap(([name, value]) => (name.startsWith(at) ? [[name.slice(at.length), value]] : [])),
  )
  const rule = rules.get(fields['SecurityGroupRule.1.SecurityGroupRuleId'] ?? '')
  if (rule === undefined || rule.GroupId !== fields['GroupId']) {
    fail(response, 'InvalidSecurityGroupRuleId.NotFound', 'The security group rule does not exist')
    return
  }

  const kinds = sources.filter((kind) => given.has(kind))
  const {SecurityGroupRuleId, GroupId, IsEgress} = rule
  const ports = {FromPort: Number(given.get('FromPort')), ToPort: Number(given.get('ToPort'))}
  const changed: StoredRule = {...Object.fromEntries(given), SecurityGroupRuleId, GroupId, IsEgress, ...ports}
  const others = [...rules.values()].filter((other) => other !== rule && other.GroupId === GroupId)
  if (kinds.length !== 1) fail(response, 'InvalidParameterCombination', 'Exactly one source must be given')
  else if (kinds.some((kind) => rule[kind] === undefined))
    fail(response, 'InvalidParameterValue', 'The IP version of a rule may not change')
  else if (others.some((other) => told.every((name) => other[name] === changed[name])))
    fail(response, 'InvalidPermission.Duplicate', 'the specified rule already exists')
  else {
    rules.set(SecurityGroupRuleId, changed)
    succeed(response, 'ModifySecurityGroupRules', '<return>true</return>')
  }
}

function ruleXml({ReferencedGroupId, ...rule}: StoredRule): string {
  const fields = Object.entries({IsEgress: false, ...rule}).filter(([, value]) => value !== undefined)
  const group =
    ReferencedGroupId === undefined
      ? ''
      : `<referencedGroupInfo><groupId>${ReferencedGroupId}</groupId></referencedGroupInfo>`
  return (
    group +
    fields.map(([name, value]) => `<${lowerFirst(name)}>${escapeXml(String(value))}</${lowerFirst(name)}>`).join('')
  )
}

const prologue = '<?xml version="1.0" encoding="UTF-8"?>\n'

function succeed(response: ServerResponse, action: string, content: string): void {
  send(
    response,
    200,
    `${prologue}<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${content}</${action}Response>`,
  )
}

function fail(response: ServerResponse, code: string, message = '', status = 400): void {
  const error = `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`
  send(
    response,
    status,
    `${prologue}<Response><Errors>${error}</Errors><RequestID>5ad1d5b4-6f1e-4d0a-9d2b-000000000000</RequestID></Response>`,
  )
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {'content-type': 'text/xml;charset=UTF-8'})
  response.end(body)
}

function escapeXml(value: string): string {
  return value.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`)
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
