/** A token in SQL text, from `from` to `to`. */
export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'sign'
  from: number
  to: number
}

const blank = /[ \t\n\r\f\v]+|--[^\n\r]*/y
const word = /[A-Za-z_\x80-\uffff][A-Za-z0-9_$\x80-\uffff]*/y
const quotedToken = /(?:[uU]&)?"[^"]*(?:""[^"]*)*"/y
const stringToken = /(?:[bBnNxX]|[uU]&)?'[^']*(?:''[^']*)*'/y
const escapeStringToken = /[eE]'[^'\\]*(?:(?:''|\\[^])[^'\\]*)*'/y
const number = /\d[\d.]*(?:[eE][+-]?\d+)?/y
const dollarQuote = /\$(?:[A-Za-z_\x80-\uffff][A-Za-z0-9_\x80-\uffff]*)?\$/y
/** A string without a prefix, if `standard_conforming_strings` is off. */
const oldString = /'[^'\\]*(?:(?:''|\\[^])[^'\\]*)*'/y

/**
 * The tokens of SQL text, found on demand, because two are enough for most statements. The text may be bytes as Latin-1.
 * Comments are skipped, and an unclosed quote ends the text.
 */
export class Tokens {
  private readonly found: Token[] = []
  private pos = 0

  constructor(
    readonly text: string,
    /** The server's `standard_conforming_strings`. */
    private readonly standardStrings = true,
  ) {}

  /** The token with that index; undefined after the last. */
  at(index: number): Token | undefined {
    while (this.found.length <= index) {
      const token = this.next()
      if (token === undefined) return undefined
      this.found.push(token)
    }
    return this.found[index]
  }

  /** The text of a token in lower case, if it is a word or a sign. */
  lower(index: number): string | undefined {
    const token = this.at(index)
    if (token?.kind !== 'word' && token?.kind !== 'sign') return undefined
    return this.text.slice(token.from, token.to).toLowerCase()
  }

  /** An identifier as the server reads it: unquoted ones in lower case (ASCII only). Undefined for other tokens and for U&"". */
  identifier({kind, from, to}: Token): string | undefined {
    const text = this.text.slice(from, to)
    if (kind === 'quoted') return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : undefined
    return kind === 'word' ? text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) : undefined
  }

  private next(): Token | undefined {
    while (this.match(blank) || this.comment());
    const {text, pos: from} = this
    if (from >= text.length) return undefined
    const kind = this.take()
    if (kind === undefined) return undefined
    return {kind, from, to: this.pos}
  }

  private take(): Token['kind'] | undefined {
    if (
      this.match(escapeStringToken) ||
      (!this.standardStrings && this.match(oldString)) ||
      this.match(stringToken) ||
      this.dollar()
    )
      return 'string'
    if (this.match(quotedToken)) return 'quoted'
    if (this.match(word)) return 'word'
    const char = this.text[this.pos]
    if (char === "'" || char === '"') return undefined
    if (!this.match(number)) this.pos++
    return 'sign'
  }

  private match(pattern: RegExp): boolean {
    pattern.lastIndex = this.pos
    if (!pattern.test(this.text)) return false
    this.pos = pattern.lastIndex
    return true
  }

  private comment(): boolean {
    const {text} = this
    if (!text.startsWith('/*', this.pos)) return false
    let at = this.pos + 2
    for (let depth = 1; depth > 0 && at < text.length; at++) {
      if (text.startsWith('/*', at)) depth++
      else if (text.startsWith('*/', at)) depth--
      else continue
      at++
    }
    this.pos = at
    return true
  }

  private dollar(): boolean {
    const {text, pos} = this
    if (!this.match(dollarQuote)) return false
    const tag = text.slice(pos, this.pos)
    const end = text.indexOf(tag, this.pos)
    this.pos = end < 0 ? text.length : end + tag.length
    return true
  }
}

/** The value of a string token. */
export interface Content {
  text: string
  /** The position of each character of `text`, and of its end, in the original text. */
  places: number[]
  /** Escapes text for this kind of string. */
  encode: (text: string) => string
}

const same = (text: string): string => text

/** Reads the value of a string token, for all kinds of strings. */
export function contentOf(text: string, {from, to}: Token, standardStrings = true): Content {
  const tag = /^\$[^$]*\$/.exec(text.slice(from, to))?.[0]
  if (tag !== undefined) return plainContent(text, from + tag.length, to - tag.length)
  const escapes = /^e/i.test(text[from] ?? '') || (!standardStrings && text[from] === "'")
  const pattern = escapes ? /''|\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[^])|[^]/y : /''|[^]/y
  const characters: string[] = []
  const places: number[] = []
  let at = text.indexOf("'", from) + 1
  while (at < to - 1) {
    pattern.lastIndex = at
    const [part = ''] = pattern.exec(text) ?? []
    characters.push(unescaped(part))
    places.push(at)
    at += part.length || 1
  }
  places.push(at)
  const encode = (value: string): string => {
    const doubled = value.replaceAll("'", "''")
    return escapes ? doubled.replaceAll('\\', '\\\\') : doubled
  }
  return {text: characters.join(''), places, encode}
}

function plainContent(text: string, from: number, to: number): Content {
  const places = Array.from({length: to - from + 1}, (_, index) => from + index)
  return {text: text.slice(from, to), places, encode: same}
}

const blanks: Readonly<Record<string, string>> = {b: '\b', f: '\f', n: '\n', r: '\r', t: '\t'}

/** Decodes one escape to exactly one character, so that positions stay right. Characters beyond U+FFFF become "?". */
function unescaped(part: string): string {
  if (part === "''") return "'"
  const code = /^\\(.[^]*)$/.exec(part)?.[1]
  if (code === undefined) return part
  if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff)
  if (code.length > 1) {
    const point = Number.parseInt(code.slice(1), 16)
    return point <= 0xffff ? String.fromCharCode(point) : '?'
  }
  return blanks[code] ?? code
}

/** A token with its value: a word in lower case, an identifier without quotes, the value of a string, or a sign. */
export type ReadToken =
  | {kind: 'word' | 'string' | 'other'; text: string}
  /** Undefined if it has Unicode escapes, which are not decoded. */
  | {kind: 'name'; text: string | undefined}

/** All tokens of SQL text, with their values. */
export function readTokens(text: string, standardStrings = true): ReadToken[] {
  const tokens = new Tokens(text, standardStrings)
  const read: ReadToken[] = []
  for (let index = 0, token; (token = tokens.at(index)) !== undefined; index++) {
    if (token.kind === 'string') read.push({kind: 'string', text: contentOf(text, token, standardStrings).text})
    else if (token.kind === 'quoted') read.push({kind: 'name', text: tokens.identifier(token)})
    else
      read.push({
        kind: token.kind === 'word' ? 'word' : 'other',
        text: tokens.identifier(token) ?? text.slice(token.from, token.to),
      })
  }
  return read
}
