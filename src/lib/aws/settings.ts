import {ConfigurationError, type CruddurError, UsageError} from '../errors.js'
import type {FoundVariable, Variables} from '../targets/variables.js'
import {checkAddress, type PublicAddress} from './address.js'

export interface RulePlace {
  groupId: string
  ruleId: string
}

/** A group and its region. `region` is undefined if the SDK should find it, for example in the profile. */
export interface GroupPlace {
  groupId: string
  /** Undefined if the rule is found by its description. */
  ruleId?: string
  region?: string
}

/** Values of flags, which override variables. */
export interface GivenPlace {
  groupId?: string
  ruleId?: string
  region?: string
}

/** An address and its source: `--ip`, or `GITPOD_IP` with its file. */
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
 * Finds group, rule and region: from flags, or from `DB_SG_ID`, `DB_SG_RULE_ID`, and `AWS_REGION` or `AWS_DEFAULT_REGION`,
 * which the SDK does not read. With `findByDescription` the rule id may be missing.
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
 * The address of `--ip` or `GITPOD_IP`; undefined if neither is set. An empty value is an error, because it usually comes
 * from a failed substitution in a script.
 * @throws UsageError, ConfigurationError (`address_refused`)
 */
export function givenAddress(ip: string | undefined, variables: Variables): GivenAddress | undefined {
  if (ip !== undefined) return {address: acceptAddress(ip, '--ip', UsageError), source: '--ip'}
  const found = variables.find('GITPOD_IP')
  if (found === undefined) return undefined
  const source = whereSet('GITPOD_IP', found)
  return {address: acceptAddress(found.value, source, ConfigurationError), source}
}

type ErrorClass = new (...args: ConstructorParameters<typeof CruddurError>) => CruddurError

function acceptAddress(text: string, source: string, Failure: ErrorClass): PublicAddress {
  const {address, problem} = checkAddress(text)
  if (address !== undefined) return address
  throw new Failure(`The address from ${source} ${problem}${text.trim() === '' ? '' : `: ${quoteValue(text)}`}.`, {
    code: 'address_refused',
    next: ['Or omit it, then it is looked up.'],
    details: {source},
  })
}

function resolveId(given: string | undefined, setting: IdSetting, variables: Variables): string {
  const {flag, variable, what, prefix} = setting
  if (given !== undefined) return checkId(given.trim(), setting, flag, UsageError)
  const found = variables.find(variable)
  const value = found?.value.trim()
  if (found !== undefined && value) return checkId(value, setting, whereSet(variable, found), ConfigurationError)
  throw new ConfigurationError(
    `${variable} is ${found === undefined ? 'not set' : 'empty'}, so the ${what} is not known.`,
    {
      code: 'variable_missing',
      next: [
        `Set it in the environment or in .env (${variables.places.join(', ')}): ${variable}=${prefix}…`,
        `Or use ${flag} ${prefix}…${prefix === 'sgr-' ? ', or find the rule with --description' : ''}`,
      ],
      details: {variable, flag, places: variables.places},
    },
  )
}

function checkId(value: string, {prefix, what}: IdSetting, source: string, Failure: ErrorClass): string {
  if (value.startsWith(prefix) && /^[a-z]+-[0-9A-Za-z]+$/.test(value)) return value
  throw new Failure(`${source} must be the id of a ${what}, beginning with ${prefix}, not ${quoteValue(value)}.`, {
    code: 'id_malformed',
    next: ['The EC2 console lists the ids under Security Groups. Or run: aws ec2 describe-security-group-rules'],
    details: {source},
  })
}

/**
 * The region of `--region`, `AWS_REGION` or `AWS_DEFAULT_REGION`.
 * @throws UsageError, ConfigurationError (`region_malformed`)
 */
export function resolveRegion(given: string | undefined, variables: Variables): string | undefined {
  if (given !== undefined) return checkRegion(given.trim(), '--region', UsageError)
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const found = variables.find(name)
    const value = found?.value.trim()
    if (found !== undefined && value) return checkRegion(value, whereSet(name, found), ConfigurationError)
  }

  return undefined
}

/** The region becomes part of a host name, so it is checked. */
function checkRegion(value: string, source: string, Failure: ErrorClass): string {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(value)) return value
  throw new Failure(`${source} must be the name of an AWS region, not ${quoteValue(value)}.`, {
    code: 'region_malformed',
    next: ['For example: --region eu-central-1'],
    details: {source},
  })
}

function whereSet(variable: string, {path}: FoundVariable): string {
  return path === undefined ? variable : `${variable} in ${path}`
}

/** Quotes the user's text on one line, cut to 60 characters. */
function quoteValue(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
