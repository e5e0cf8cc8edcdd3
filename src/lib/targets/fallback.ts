import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {readService} from './service-file.js'
import type {Fallback, Setting} from './sources.js'
import {parameterVariables, partVariables} from './url-parts.js'
import type {Variables} from './variables.js'

/** A user's own files for TLS, which libpq takes where no other is given. */
const certificateFiles: Readonly<Record<string, string>> = {
  sslrootcert: 'root.crt',
  sslcert: 'postgresql.crt',
  sslkey: 'postgresql.key',
}

/**
 * What stands in for what a URL leaves out, in libpq's order
 * (https://www.postgresql.org/docs/current/libpq-envars.html): the service that the URL or `PGSERVICE` names, then the
 * `PG*` variables, then the user's own files. Two variables are passed over, since they would lead a URL that names a
 * host or no database elsewhere than it says: `PGHOSTADDR` and `PGDATABASE`.
 * @throws ConfigurationError (`service_missing`, `service_file_invalid`, `service_file_unreadable`)
 */
export function fallbackOf(variables: Variables): (service: string | undefined) => Fallback {
  return (inUrl) => {
    const name = inUrl ?? variables.find('PGSERVICE')?.value
    const service = name
      ? readService(name, serviceFiles(variables), [
          ...Object.keys(partVariables),
          'dbname',
          ...Object.keys(parameterVariables),
        ])
      : undefined
    return (keyword) => {
      const value = service?.settings.get(keyword)
      if (service !== undefined && value)
        return {value, source: {kind: 'service', service: service.name, path: service.path}}
      return fromVariable(keyword, variables) ?? fromUserFile(keyword, variables)
    }
  }
}

/** The variable that stands in for a keyword, if it is set and not empty. */
export function fromVariable(keyword: string, variables: Variables): Setting | undefined {
  const variable = keyword === 'hostaddr' ? undefined : (parameterVariables[keyword] ?? partVariables[keyword])
  const found = variable === undefined ? undefined : variables.find(variable)
  if (variable === undefined || !found?.value) return undefined
  const {value, path} = found
  return {value, source: {kind: 'variable', variable, path}}
}

function fromUserFile(keyword: string, {files}: Variables): Setting | undefined {
  const name = certificateFiles[keyword]
  const path = name === undefined ? undefined : join(files.certificates, name)
  return path !== undefined && existsSync(path) ? {value: path, source: {kind: 'default'}} : undefined
}

function serviceFiles(variables: Variables): string[] {
  const own = variables.find('PGSERVICEFILE')?.value || variables.files.services
  const system = variables.find('PGSYSCONFDIR')?.value
  return [own, ...(system ? [join(system, 'pg_service.conf')] : [])]
}
