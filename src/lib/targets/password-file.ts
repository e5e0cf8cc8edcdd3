import {readFileSync, statSync} from 'node:fs'
import {socketFolders} from './default-host.js'

/** One line of a password file: four fields that must match (`*` matches anything) and the password. */
export interface PasswordLine {
  host: string
  port: string
  database: string
  user: string
  password: string
}

export interface PasswordQuery {
  /** A host name, an IP address, or the folder of a Unix socket. */
  host: string
  port: number
  database: string
  user: string
}

/** A password, or the reason why the file has none. */
export type PasswordLookup =
  | {password: string; problem?: undefined}
  | {password?: undefined; problem: 'absent' | 'no_match' | 'open_to_others' | 'unreadable'}

/**
 * Parses a password file by libpq's rules (https://www.postgresql.org/docs/current/libpq-pgpass.html): each line is
 * `host:port:database:user:password`, `\` escapes `:` and `\`, and `#` begins a comment. Lines with fewer fields are
 * ignored.
 */
export function parsePasswordFile(text: string): PasswordLine[] {
  return text.split('\n').flatMap((line) => {
    const content = line.replace(/\r$/, '')
    if (content === '' || content.startsWith('#')) return []
    const [host, port, database, user, password] = splitFields(content)
    return password === undefined ? [] : [{host, port, database, user, password} as PasswordLine]
  })
}

/** Splits a line. The first four fields stay escaped, because an escaped `*` is not a wildcard. */
function splitFields(line: string): string[] {
  const fields = ['']
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index)
    const last = fields.length - 1
    if (character === '\\' && index + 1 < line.length) {
      index += 1
      fields[last] += last === 4 ? line.charAt(index) : character + line.charAt(index)
    } else if (character === ':' && last < 4) fields.push('')
    else fields[last] += character
  }

  return fields
}

/** The password of the first line that matches. */
export function findPassword(lines: PasswordLine[], {host, port, database, user}: PasswordQuery): string | undefined {
  const wanted = {host: socketFolders.includes(host) ? 'localhost' : host, port: String(port), database, user}
  const fields = ['host', 'port', 'database', 'user'] as const
  const line = lines.find((candidate) =>
    fields.every((field) => candidate[field] === '*' || candidate[field].replace(/\\(.)/g, '$1') === wanted[field]),
  )
  return line?.password
}

/** Looks up a password in a file. As in libpq, a file that its group or others can access is not used. */
export function lookUpPassword(path: string, query: PasswordQuery): PasswordLookup {
  let text: string
  try {
    const {mode} = statSync(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) return {problem: 'open_to_others'}
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
    return {problem: missing ? 'absent' : 'unreadable'}
  }

  const password = findPassword(parsePasswordFile(text), query)
  return password ? {password} : {problem: 'no_match'}
}
