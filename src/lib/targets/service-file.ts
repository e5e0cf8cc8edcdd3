import {readFileSync} from 'node:fs'
import {ConfigurationError, errorCode} from '../errors.js'
import {isUtf16} from './env-file.js'
import {isParameter, knownParameters, parameterProblem, partVariables, withSslMode} from './parameters.js'

/** The settings of one service, by libpq's keywords, and their file. */
export interface Service {
  name: string
  path: string
  settings: ReadonlyMap<string, string>
}

/** An error in a service file, with its line number from 1. */
export interface ServiceFileProblem {
  line: number
  problem: string
}

/**
 * Parses a section by libpq's rules (https://www.postgresql.org/docs/current/libpq-pgservice.html): lines are
 * `keyword=value` without spaces around the `=`, `#` begins a comment, and the first value of a keyword counts. Undefined
 * if there is no such section.
 */
export function parseService(text: string, name: string): Map<string, string> | ServiceFileProblem | undefined {
  let settings: Map<string, string> | undefined
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const content = raw.trim()
    if (content === '' || content.startsWith('#')) continue
    if (content.startsWith('[')) {
      if (settings !== undefined) return settings
      if (content.startsWith(`[${name}]`)) settings = new Map()
      continue
    }

    if (settings === undefined) continue
    const equals = content.indexOf('=')
    const keyword = content.slice(0, Math.max(equals, 0))
    if (!/^[a-z_]+$/.test(keyword))
      return {line: index + 1, problem: 'is not keyword=value without a space before the ='}
    if (keyword === 'service') return {line: index + 1, problem: 'names another service, which libpq does not support'}
    if (!settings.has(keyword)) settings.set(keyword, content.slice(equals + 1))
  }

  return settings
}

/**
 * Finds a service in the first file that has it.
 * @throws ConfigurationError (`service_missing`, `service_file_invalid`, `service_file_unreadable`)
 */
export function readService(name: string, paths: string[]): Service {
  for (const path of paths) {
    const text = readText(path)
    const settings = text === undefined ? undefined : parseService(text, name)
    if (settings === undefined) continue
    if (!(settings instanceof Map)) throw invalidService(path, settings)
    for (const [keyword, value] of settings) refuseUnsupported({name, path, keyword, value})
    return {name, path, settings: withSslMode(settings)}
  }

  throw new ConfigurationError(`The service "${name}" does not exist.`, {
    code: 'service_missing',
    next: [
      `Searched: ${paths.join(', ')}.`,
      `Add a section [${name}] to one of them, or correct PGSERVICE or the URL's service.`,
    ],
    details: {service: name, paths},
  })
}

function refuseUnsupported({name, path, keyword, value}: Record<'name' | 'path' | 'keyword' | 'value', string>): void {
  const unknown = isParameter(keyword) ? undefined : `has ${keyword}, which cruddur-db does not support`
  const problem = unknown ?? parameterProblem(keyword, value)
  if (problem === undefined) return
  const supported = [...Object.keys(partVariables), 'dbname', ...knownParameters].join(', ')
  throw new ConfigurationError(`The service "${name}" in ${path} ${problem}.`, {
    code: 'service_file_invalid',
    next: [`Remove it from the service, or use a URL without a service. Supported: ${supported}.`],
    details: {service: name, path, keyword},
  })
}

function readText(path: string): string | undefined {
  try {
    const bytes = readFileSync(path)
    if (!isUtf16(bytes)) return bytes.toString('utf8')
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new ConfigurationError(`The service file ${path} cannot be read.`, {
      code: 'service_file_unreadable',
      next: ['Make it readable, or set PGSERVICEFILE to another file.'],
      cause: error,
    })
  }

  throw new ConfigurationError(`The service file ${path} is encoded in UTF-16.`, {
    code: 'service_file_unreadable',
    next: ['Save it as UTF-8.'],
    details: {path},
  })
}

/** The line is not quoted, because it may contain a password. */
function invalidService(path: string, {line, problem}: ServiceFileProblem): ConfigurationError {
  return new ConfigurationError(`${path}:${line} ${problem}.`, {
    code: 'service_file_invalid',
    next: ['See https://www.postgresql.org/docs/current/libpq-pgservice.html'],
    details: {path, line},
  })
}
