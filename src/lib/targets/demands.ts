import {ConfigurationError} from '../errors.js'
import {refusedVariables} from './parameters.js'
import type {Setting, Source} from './sources.js'

/** What this program does not do, by parameter, and the values that do not demand it. */
const limits: Readonly<Record<string, {cannot: string; values: readonly string[]; others: readonly string[]}>> = {
  gssencmode: {cannot: 'encrypt with GSSAPI', values: ['disable', 'prefer'], others: ['require']},
  min_protocol_version: {cannot: 'use a later protocol than 3.0', values: ['3.0'], others: ['3.2', 'latest']},
  sslcertmode: {
    cannot: 'check that the server asks for a certificate',
    values: ['allow', 'disable'],
    others: ['require'],
  },
  sslnegotiation: {cannot: 'negotiate TLS like this', values: ['postgres', 'direct'], others: []},
}

/** What the parameters that are refused with any value demand. */
const checks: Readonly<Record<string, string>> = {
  requirepeer: 'check the account of the server',
  sslcrldir: 'read a folder of revoked certificates',
}

/**
 * Refuses parameters that demand more than this program does, wherever they come from: without an error, the connection
 * would be less safe than its user asks for.
 * @throws ConfigurationError (`parameter_unsupported`)
 */
export function refuseDemands(
  parameters: ReadonlyMap<string, string>,
  find: (keyword: string) => Setting | undefined,
  {onSocket, sources}: {onSocket: boolean; sources: ReadonlyMap<string, Source>},
): void {
  for (const [name, {cannot, values, others}] of Object.entries(limits)) {
    const value = parameters.get(name) ?? ''
    if (value === '' || values.includes(value)) continue
    const shown = others.includes(value) ? `${name}=${value}` : name
    throw unsupported(shown, cannot, sources.get(name), `Supported: ${values.join(', ')}.`)
  }

  for (const name of Object.keys(refusedVariables)) {
    // On TCP the peer has no account, so libpq does not check it either.
    if (name === 'requirepeer' && !onSocket) continue
    const found = find(name)
    if (found?.value) throw unsupported(name, checks[name] ?? '', found.source)
  }
}

function unsupported(name: string, cannot: string, source: Source | undefined, values?: string): ConfigurationError {
  const where =
    source?.kind === 'variable'
      ? `the variable ${source.variable}`
      : source?.kind === 'service'
        ? `the service "${source.service}" in ${source.path}`
        : 'the URL'
  return new ConfigurationError(
    `${name} in ${where} is not supported: cruddur-db cannot ${cannot}. Nothing was changed.`,
    {
      code: 'parameter_unsupported',
      next: [...(values === undefined ? [] : [values]), 'Remove it there, or use psql.'],
      details: {parameter: name.split('=')[0]},
    },
  )
}
