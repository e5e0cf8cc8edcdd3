import {readFileSync} from 'node:fs'
import {ConfigurationError, errorCode} from '../errors.js'

/** The settings of one service by libpq's keywords, and the file they stand in. */
export interface Service {
  name: string
  path: string
  settings: ReadonlyMap<string, string>
}

/** What is wrong with a service file, and on which line, from 1. */
export interface ServiceFileProblem {
  line: number
  problem: string
}

/**
 * Reads the section of that name by libpq's rules (https://www.postgresql.org/docs/current/libpq-pgservice.html): lines
 * `keyword=value`, no space around the `=`, `#` for comments, the first of two values for one keyword counts.
 * Undefined where there is no such section.
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
      return {line: index + 1, problem: 'is not keyword=value, without a space before the ='}
    if (keyword === 'service') return {line: index + 1, problem: 'names another service, which libpq does not follow'}
    if (!settings.has(keyword)) settings.set(keyword, content.slice(equals + 1))
  }

  return settings
}

/**
 * Finds a service in the first of the files that has it.
 * @throws ConfigurationError (`service_missing`, `service_file_invalid`, `service_file_unreadable`)
 */
export function readService(name: string, paths: string[], keywords: readonly string[]): Service {
  for (const path of paths) {
    const text = readText(path)
    const settings = text === undefined ? undefined : parseService(text, name)
    if (settings === undefined) continue
    if (!(settings instanceof Map)) throw invalid(path, settings)
    const unknown = [...settings.keys()].find((keyword) => !keywords.includes(keyword))
    if (unknown === undefined) return {name, path, settings}
    throw new ConfigurationError(`The service "${name}" in ${path} has ${unknown}, which this tool does not use.`, {
      code: 'service_file_invalid',
      next: [`Remove it from the service, or give the URL without one. Known are: ${keywords.join(', ')}.`],
      details: {service: name, path, keyword: unknown},
    })
  }

  throw new ConfigurationError(`There is no service "${name}".`, {
    code: 'service_missing',
    next: [
      `Looked in ${paths.join(', ')}.`,
      `Add a section [${name}] to one of them, or correct PGSERVICE or the URL's service.`,
    ],
    details: {service: name, paths},
  })
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new ConfigurationError(`The service file ${path} cannot be read.`, {
      code: 'service_file_unreadable',
      next: ['Make it readable, or set PGSERVICEFILE to another.'],
      cause: error,
    })
  }
}

/** The line itself is not quoted: it may hold a password. */
function invalid(path: string, {line, problem}: ServiceFileProblem): ConfigurationError {
  return new ConfigurationError(`${path}:${line} ${problem}.`, {
    code: 'service_file_invalid',
    next: ['See https://www.postgresql.org/docs/current/libpq-pgservice.html'],
    details: {path, line},
  })
}
