import {ConfigurationError, type CruddurError, UsageError} from '../errors.js'
import type {FoundVariable, Variables} from '../targets/variables.js'
import {checkAddress, type PublicAddress} from './address.js'

/** Which rule in which group. */
export interface RulePlace {
  groupId: string
  ruleId: string
}

/** Which group, and where; `region` is undefined where the SDK is to find it (a profile's, say). */
export interface GroupPlace {
  groupId: string
  /** Undefined where the rule is to be found by its description. */
  ruleId?: string
  region?: string
}

/** What was given on the command line; each wins over its variable. */
export interface GivenPlace {
  groupId?: string
  ruleId?: string
  region?: string
}

/** An address that was given, and where: `--ip`, or `GITPOD_IP` and the file it stood in. */
export interface GivenAddress {
  address: PublicAddress
  source: string
}

interface IdSetting {
  flag: string
  variable: string
  prefix: string
  what: string
}

const groupSetting: IdSetting = {flag: '--group-id', variable: 'DB_SG_ID', prefix: 'sg-', what: 'security group'}
const ruleSetting: IdSetting = {
  flag: '--rule-id',
  variable: 'DB_SG_RULE_ID',
  prefix: 'sgr-',
  what: 'security-group rule',
}

/**
 * Which group and rule are meant: flags, else `DB_SG_ID` and `DB_SG_RULE_ID`; the region likewise from `AWS_REGION`, else
 * `AWS_DEFAULT_REGION`, which the SDK itself does not read. With `findByDescription` the rule's id may be missing.
 * @throws ConfigurationError (`variable_missing`, `id_malformed`, `region_malformed`), UsageError (the last two, for flags)
 */
export function resolvePlace(given: GivenPlace, findByDescription: boolean, variables: Variables): GroupPlace {
  const named = given.ruleId !== undefined || Boolean(variables.find(ruleSetting.variable)?.value.trim())
  return {
    groupId: resolveId(given.groupId, groupSetting, variables),
    ruleId: named || !findByDescription ? resolveId(given.ruleId, ruleSetting, variables) : undefined,
    region: resolveRegion(given.region, variables),
  }
}

/**
 * The address that `--ip` or `GITPOD_IP` gives, undefined where neither is there. One that is there and empty is
 * refused, not passed over: it is a script's failed substitution.
 * @throws UsageError, ConfigurationError (`address_refused`)
 */
export function givenAddress(ip: string | undefined, variables: Variables): GivenAddress | undefined {
  if (ip !== undefined) return {address: acceptAddress(ip, '--ip', UsageError), source: '--ip'}
  const found = variables.find('GITPOD_IP')
  if (found === undefined) return undefined
  const source = placeOf('GITPOD_IP', found)
  return {address: acceptAddress(found.value, source, ConfigurationError), source}
}

type ErrorClass = new (...args: ConstructorParameters<typeof CruddurError>) => CruddurError

function acceptAddress(text: string, source: string, Failure: ErrorClass): PublicAddress {
  const {address, problem} = checkAddress(text)
  if (address !== undefined) return address
  throw new Failure(`The address from ${source} ${problem}${text.trim() === '' ? '' : `: ${quote(text)}`}.`, {
    code: 'address_refused',
    next: [
      "Give this machine's public address: cruddur-db sg:update --ip <address>",
      'Or leave it out, to have it looked up.',
    ],
    details: {source},
  })
}

function resolveId(given: string | undefined, setting: IdSetting, variables: Variables): string {
  const {flag, variable, what, prefix} = setting
  if (given !== undefined) return checkId(given.trim(), setting, flag, UsageError)
  const found = variables.find(variable)
  const value = found?.value.trim()
  if (found !== undefined && value) return checkId(value, setting, placeOf(variable, found), ConfigurationError)
  throw new ConfigurationError(
    `${variable} is ${found === undefined ? 'not set' : 'empty'}, so the ${what} is not known.`,
    {
      code: 'variable_missing',
      next: [
        `Set it in the environment or in .env (${variables.places.join(', ')}): ${variable}=${prefix}…`,
        `Or give ${flag} ${prefix}…${prefix === 'sgr-' ? ', or find the rule by --description' : ''}`,
      ],
      details: {variable, flag, places: variables.places},
    },
  )
}

function checkId(value: string, {prefix, what}: IdSetting, source: string, Failure: ErrorClass): string {
  if (value.startsWith(prefix) && /^[a-z]+-[0-9A-Za-z]+$/.test(value)) return value
  throw new Failure(`${source} is not the id of a ${what}, which begins with ${prefix}: ${quote(value)}.`, {
    code: 'id_malformed',
    next: ['See the ids in the EC2 console under Security Groups, or with: aws ec2 describe-security-group-rules'],
    details: {source},
  })
}

/**
 * The region that `--region`, `AWS_REGION` or `AWS_DEFAULT_REGION` names.
 * @throws UsageError, ConfigurationError (`region_malformed`)
 */
export function resolveRegion(given: string | undefined, variables: Variables): string | undefined {
  if (given !== undefined) return checkRegion(given.trim(), '--region', UsageError)
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const found = variables.find(name)
    const value = found?.value.trim()
    if (found !== undefined && value) return checkRegion(value, placeOf(name, found), ConfigurationError)
  }

  return undefined
}

/** The region becomes part of a host name, so nothing else may stand in it. */
function checkRegion(value: string, source: string, Failure: ErrorClass): string {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(value)) return value
  throw new Failure(`${source} is not the name of an AWS region: ${quote(value)}.`, {
    code: 'region_malformed',
    next: ['Name it like this: --region eu-central-1'],
    details: {source},
  })
}

function placeOf(variable: string, {path}: FoundVariable): string {
  return path === undefined ? variable : `${variable} in ${path}`
}

/** What a user wrote, on one line and not endless. */
function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
