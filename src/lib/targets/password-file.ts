import {readFileSync, statSync} from 'node:fs'

/** One line of a password file: four fields that have to match, `*` matching anything, and the password. */
export interface PasswordLine {
  host: string
  port: string
  database: string
  user: string
  password: string
}

/** What a password is looked up for. */
export interface PasswordQuery {
  /** A name, an address, or the folder of a Unix socket. */
  host: string
  port: number
  database: string
  user: string
}

/** What became of a look-up: a password, or why the file gave none. */
export type PasswordLookup =
  | {password: string; problem?: undefined}
  | {password?: undefined; problem: 'absent' | 'no_match' | 'open_to_others' | 'unreadable'}

/** Folders of sockets that servers are built with: to a password file they are `localhost`. */
const socketFolders = ['/tmp', '/run/postgresql', '/var/run/postgresql']

/**
 * Reads a password file by libpq's rules (https://www.postgresql.org/docs/current/libpq-pgpass.html):
 * `host:port:database:user:password` a line, `\` before a `:` or `\` that is meant literally, `#` for comments. A line
 * with fewer fields counts for nothing.
 */
export function parsePasswordFile(text: string): PasswordLine[] {
  return text.split('\n').flatMap((line) => {
    const content = line.replace(/\r$/, '')
    if (content === '' || content.startsWith('#')) return []
    const [host, port, database, user, password] = splitFields(content)
    return password === undefined ? [] : [{host, port, database, user, password} as PasswordLine]
  })
}

/** The first four fields still escaped, since an escaped `*` is no wildcard; the password as it is. */
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

/** The password of the first line that matches, which is the one that counts. */
export function findPassword(lines: PasswordLine[], {host, port, database, user}: PasswordQuery): string | undefined {
  const wanted = {host: socketFolders.includes(host) ? 'localhost' : host, port: String(port), database, user}
  const fields = ['host', 'port', 'database', 'user'] as const
  const line = lines.find((candidate) =>
    fields.every((field) => candidate[field] === '*' || candidate[field].replace(/\\(.)/g, '$1') === wanted[field]),
  )
  return line?.password
}

/**
 * Looks a password up in a file. As in libpq a file that its group or others may read is not used: whoever reads it
 * may have put the password there.
 */
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
