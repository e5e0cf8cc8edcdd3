import {type Argument, unquoteName} from './arguments.js'
import {wrong} from './asked.js'
import type {Asked, ConnectTo} from './command.js'
import {readBoolean} from './variables.js'

const parts: Readonly<Record<string, keyof ConnectTo>> = {dbname: 'database', user: 'user', host: 'host', port: 'port'}
const option = '-reuse-previous='
const isConninfo = /=|^postgres(?:ql)?:\/\//i
const pair = /\s*([^\s=]+)\s*=\s*(?:'((?:\\[^]|[^'\\])*)'|((?:\\[^]|[^\s'\\])*))(?=\s|$)/y
const url = /^postgres(?:ql)?:\/\/(?:([^:@/?#]*)(:[^@/?#]*)?@)?([^/?#]*)(?:\/([^?#]*))?$/i
const server = /^(\[[^\]]*\]|[^:,]*)(?::(\d+))?$/

/**
 * Reads the arguments of `\connect`: a database, user, host and port, where `-` keeps the value, or a conninfo string or
 * URL in place of the database. The texts are never quoted in an error, because they may have a password.
 */
export function readConnect(args: readonly Argument[]): Asked {
  const values = args.map(({text}) => unquoteName(text.replace(/;+$/, '')))
  const reuse = values[0]?.startsWith(option) ? values.shift()!.slice(option.length) : undefined
  if (reuse !== undefined && readBoolean(reuse) === undefined)
    return wrong('-reuse-previous of \\connect is on or off.', 'Write \\connect and the name of a database.')
  const [name, user, host, port, ...more] = values.map((value) => (value === '-' || value === '' ? undefined : value))
  if (more.length > 0) return wrong('\\connect has too many arguments.', 'Write \\connect and the name of a database.')
  if (name === undefined || !isConninfo.test(name)) return {kind: 'connect', to: {database: name, user, host, port}}
  const to = /^\w+:/.test(name) ? readUrl(name) : readPairs(name)
  if (to === undefined)
    return wrong(
      '\\connect with connection parameters supports only dbname, user, host and port.',
      'Write \\connect and the name of a database. It is on the server of the target, with the same login.',
    )
  if (to.database === undefined && readBoolean(reuse ?? 'off') === false)
    return wrong('The connection parameters of \\connect name no database.', 'Write \\connect and its name.')
  return {kind: 'connect', to}
}

function readPairs(text: string): ConnectTo | undefined {
  const to: ConnectTo = {}
  pair.lastIndex = 0
  for (let at = 0; text.slice(at).trim() !== ''; at = pair.lastIndex) {
    const [, key = '', quoted, plain = ''] = pair.exec(text) ?? []
    const part = Object.hasOwn(parts, key) ? parts[key] : undefined
    if (part === undefined) return undefined
    to[part] = (quoted ?? plain).replace(/\\([^])/g, '$1') || undefined
  }
  return to
}

function readUrl(text: string): ConnectTo | undefined {
  const [whole, user = '', password, at = '', database = ''] = url.exec(text) ?? []
  const [one, host = '', port] = server.exec(at) ?? []
  if (whole === undefined || password !== undefined || one === undefined) return undefined
  try {
    const [to, as, where] = [database, user, host.replace(/^\[|\]$/g, '')].map(
      (part) => decodeURIComponent(part) || undefined,
    )
    return {database: to, user: as, host: where, port}
  } catch {
    return undefined
  }
}
