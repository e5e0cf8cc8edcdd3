import {ConfigurationError, UsageError} from '../errors.js'
import {
  type Authentication,
  authenticationOf,
  passwordFileOf,
  passwordsIn,
  refuseTokenWithoutTls,
} from './authentication.js'
import {ConnectionUrl} from './connection-url.js'
import {fallbackOf} from './fallback.js'
import {localName} from './local-name.js'
import type {Variables} from './variables.js'

export {localName}

/** Where a target's URL comes from. */
export type Origin = {kind: 'variable'; variable: string; path?: string} | {kind: 'embedded'}

/** A named database, as operations need it. */
export interface Target {
  name: string
  url: ConnectionUrl
  origin: Origin
  /** How the user logs in; with a password if it is not set. */
  authentication?: Authentication | undefined
}

/** The address of the embedded server. For other hosts its code, which takes time to load, is not needed. */
export const embeddedHost = '127.0.0.1'

/** `staging` → `STAGING_CONNECTION_URL`, `eu-prod` → `EU_PROD_CONNECTION_URL`, `local` → `CONNECTION_URL`. */
export function variableOf(name: string): string {
  return name === localName ? 'CONNECTION_URL' : `${name.toUpperCase().replaceAll('-', '_')}_CONNECTION_URL`
}

/**
 * Resolves a target. Undefined means `local` without a variable, so the embedded server; no other name has a fallback.
 * @throws UsageError (`target_name_invalid`), ConfigurationError (`variable_missing`, `variable_empty`, `url_invalid`,
 * `service_missing`, `authentication_unknown`, `iam_needs_tls`, …)
 */
export function resolveTarget(name: string, variables: Variables): Target | undefined {
  checkName(name)
  const variable = variableOf(name)
  const found = variables.find(variable)
  if (found === undefined) {
    if (name === localName) return undefined
    throw missingVariable(name, variable, variables)
  }

  const value = found.value.trim()
  const place = found.path ?? 'the environment'
  if (value === '') {
    const unset = name === localName ? ', or remove it to use the embedded server' : ''
    throw new ConfigurationError(`${variable} is empty in ${place}. Nothing was changed.`, {
      code: 'variable_empty',
      next: [`Set it to a URL such as postgresql://user:password@host:5432/database${unset}.`],
      details: {variable, place},
    })
  }

  const origin: Origin = {kind: 'variable', variable, path: found.path}
  return {
    name,
    origin,
    ...authenticated(ConnectionUrl.parse(value, variable, fallbackOf(variables)), variable, variables),
  }
}

function authenticated(
  url: ConnectionUrl,
  variable: string,
  variables: Variables,
): Pick<Target, 'url' | 'authentication'> {
  const authentication = authenticationOf(variable, variables)
  if (authentication === 'iam') refuseTokenWithoutTls(url)
  else if (url.password === undefined)
    return {authentication, url: url.withPasswords(passwordsIn(passwordFileOf(url, variables)))}
  return {authentication, url}
}

/** Describes the target in one line, without its password. */
export function describeTarget({name, url, origin}: Target): string {
  if (origin.kind === 'embedded') return `${name}: ${url.label} (embedded server)`
  return `${name}: ${url.label} (${origin.variable}${origin.path === undefined ? '' : ` in ${origin.path}`})`
}

export function isTargetName(name: string): boolean {
  return /^[a-z][a-z0-9_-]*$/i.test(name)
}

function checkName(name: string): void {
  if (isTargetName(name)) return
  const isUrl = name.includes('://')
  throw new UsageError(isUrl ? 'A target is a name, not a URL.' : `"${name}" is not a valid target name.`, {
    code: 'target_name_invalid',
    next: isUrl
      ? ['Put the URL into a variable, for example STAGING_CONNECTION_URL, and use its name: staging']
      : ['Use letters, digits, - and _, for example: local, prod, staging'],
  })
}

function missingVariable(name: string, variable: string, variables: Variables): ConfigurationError {
  const places = ['the environment', ...variables.places]
  const targets = [localName, ...variables.names().flatMap((key) => nameOf(key) ?? [])]
  return new ConfigurationError(`${variable} is not set. The target "${name}" needs it.`, {
    code: 'variable_missing',
    next: [
      `Searched: ${places.join(', ')}.`,
      `Targets that are set: ${targets.join(', ')}.`,
      `To set it: export ${variable}=postgresql://user:password@host:5432/database`,
    ],
    details: {variable, places, targets},
  })
}

/** The name of the target that the variable belongs to; undefined for other variables. */
export function nameOf(variable: string): string | undefined {
  return /^([A-Z][A-Z0-9_]*)_CONNECTION_URL$/.exec(variable)?.[1]?.toLowerCase().replaceAll('_', '-')
}
