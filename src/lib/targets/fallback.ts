import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {parameterVariables, partVariables, refusedVariables} from './parameters.js'
import {readService} from './service-file.js'
import type {Fallback, Setting} from './sources.js'
import type {Variables} from './variables.js'

/** The user's TLS files, which libpq uses if no others are set. */
const certificateFiles: Readonly<Record<string, string>> = {
  sslrootcert: 'root.crt',
  sslcrl: 'root.crl',
  sslcert: 'postgresql.crt',
  sslkey: 'postgresql.key',
}

/**
 * Supplies what a URL leaves out, in libpq's order (https://www.postgresql.org/docs/current/libpq-envars.html): the
 * service that the URL or `PGSERVICE` names, the `PG*` variables, then the user's files. `PGHOSTADDR` and `PGDATABASE` are
 * ignored, because they could lead a URL to another server or database than it says.
 * @throws ConfigurationError (`service_missing`, `service_file_invalid`, `service_file_unreadable`)
 */
export function fallbackOf(variables: Variables): (service: string | undefined) => Fallback {
  return (inUrl) => {
    const name = inUrl ?? variables.find('PGSERVICE')?.value
    const service = name ? readService(name, serviceFiles(variables)) : undefined
    return (keyword) => {
      const value = service?.settings.get(keyword)
      if (service !== undefined && value)
        return {value, source: {kind: 'service', service: service.name, path: service.path}}
      return fromVariable(keyword, variables) ?? fromUserFile(keyword, variables)
    }
  }
}

/** The value of the `PG*` variable for a keyword, if it is set and not empty. */
export function fromVariable(keyword: string, variables: Variables): Setting | undefined {
  const names = {...partVariables, ...refusedVariables, ...parameterVariables}
  const variable = keyword === 'hostaddr' ? undefined : names[keyword]
  const found = variable === undefined ? undefined : variables.find(variable)
  if (variable === undefined || !found?.value) return keyword === 'sslmode' ? fromRequireSsl(variables) : undefined
  const {value, path} = found
  return {value, source: {kind: 'variable', variable, path}}
}

/** libpq's older variable for `sslmode=require`; other values than 1 have no meaning. */
function fromRequireSsl(variables: Variables): Setting | undefined {
  const variable = 'PGREQUIRESSL'
  const found = variables.find(variable)
  if (!found?.value.startsWith('1')) return undefined
  return {value: 'require', source: {kind: 'variable', variable, path: found.path}}
}

function fromUserFile(keyword: string, {files}: Variables): Setting | undefined {
  const name = certificateFiles[keyword]
  const path = name === undefined || files.certificates === undefined ? undefined : join(files.certificates, name)
  return path !== undefined && existsSync(path) ? {value: path, source: {kind: 'default'}} : undefined
}

function serviceFiles(variables: Variables): string[] {
  const own = variables.find('PGSERVICEFILE')?.value || variables.files.services
  const system = variables.find('PGSYSCONFDIR')?.value
  return [...(own === undefined ? [] : [own]), ...(system ? [join(system, 'pg_service.conf')] : [])]
}
