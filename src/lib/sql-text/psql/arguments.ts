import type {ReferenceForm} from './variables.js'

/** Finds the text for a reference to a variable; undefined leaves the reference as it is. */
export type Resolve = (name: string, form: ReferenceForm) => string | undefined

/** An argument of a psql command. */
export interface Argument {
  text: string
  /** Whether a part of it was quoted. */
  quoted: boolean
}

/** The arguments of a psql command; `used` characters belong to it, and the rest of the line is read after it. */
export interface Arguments {
  args: Argument[]
  used: number
  /** What cannot be read: a quote that is not closed, or text in backquotes, which psql gives to a shell. */
  problem?: 'quote' | 'backquote'
}

const reference = /:(?:'([\w\u0080-\uffff]+)'|"([\w\u0080-\uffff]+)"|\{\?([\w\u0080-\uffff]+)\}|([\w\u0080-\uffff]+))/y
const quotedText = /'((?:''|\\[^]|[^'\\])*)'/y
const quotedName = /"[^"]*"/y
const plainText = /[^\s'"`:\\]+|:/y

/**
 * Splits the text after a command's name into arguments, as psql does (psqlscanslash.l). The command ends at the end of the
 * line, at a backslash, which begins the next command, or after two backslashes.
 */
export function scanArguments(text: string, resolve: Resolve): Arguments {
  const args: Argument[] = []
  let at = 0
  for (;;) {
    at += /^\s*/.exec(text.slice(at))![0].length
    if (at >= text.length || text[at] === '\\')
      return {args, used: text.startsWith('\\\\', at) ? at + 2 : Math.min(at, text.length)}
    const argument: Argument = {text: '', quoted: false}
    const read = readArgument(text, at, argument, resolve)
    if (typeof read === 'string') return {args, used: text.length, problem: read}
    args.push(argument)
    at = read
  }
}

/** Reads one argument; returns its end, or what is wrong with it. */
function readArgument(
  text: string,
  from: number,
  argument: Argument,
  resolve: Resolve,
): number | 'quote' | 'backquote' {
  let at = from
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found) at = pattern.lastIndex
    return found
  }
  while (at < text.length && !/[\s\\]/.test(text[at]!)) {
    let found: RegExpExecArray | null
    if (text[at] === '`') return 'backquote'
    if ((found = match(quotedText))) {
      argument.text += unescape(found[1]!)
      argument.quoted = true
    } else if ((found = match(quotedName))) {
      argument.text += found[0]
      argument.quoted = true
    } else if ((found = match(reference))) argument.text += replaced(found, resolve)
    else if ((found = match(plainText))) argument.text += found[0]
    else return 'quote'
  }
  return at
}

function replaced([whole, literal, identifier, defined, plain]: RegExpExecArray, resolve: Resolve): string {
  const text =
    literal !== undefined
      ? resolve(literal, 'literal')
      : identifier !== undefined
        ? resolve(identifier, 'identifier')
        : defined !== undefined
          ? resolve(defined, 'defined')
          : resolve(plain!, 'plain')
  return text ?? whole
}

const backslashEscapes: Readonly<Record<string, string>> = {n: '\n', t: '\t', b: '\b', r: '\r', f: '\f'}

function unescape(inner: string): string {
  return inner.replace(/''|\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|[^])/g, (_, code?: string) => {
    if (code === undefined) return "'"
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
    if (/^x./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return backslashEscapes[code] ?? code
  })
}

/** An argument that is a name, without its double quotes. */
export function unquoteName(value: string): string {
  return value.replace(/"((?:[^"]|"")*)"|([^"]+)/g, (_, quoted?: string, plain?: string) =>
    quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
  )
}
