/** A token of a statement as the server's scanner cuts it (scan.l); blanks and comments are none. */
export type Token =
  /** An unquoted word, folded as the server folds it. */
  | {kind: 'word'; text: string}
  /** A quoted identifier; undefined where it has Unicode escapes, which are not decoded. */
  | {kind: 'name'; text: string | undefined}
  /** The value of a string constant, in whatever quotes. */
  | {kind: 'string'; text: string}
  /** Any other character, and numbers. */
  | {kind: 'other'; text: string}

/** What begins at a place; the order counts, since a string's prefix would be a word. */
const opening =
  /(?<blank>[ \t\n\r\f\v]+|--[^\n\r]*)|(?<comment>\/\*)|(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|(?<quote>(?:[EeBbXxNn]|[Uu]&)?')|(?<doubleQuote>(?:[Uu]&)?")|(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(?<other>\d+(?:\.\d*)?(?:[Ee][+-]?\d+)?|[^])/y
const rest = {
  name: /[^"]*(?:""[^"]*)*/y,
  plain: /[^']*(?:''[^']*)*/y,
  escaped: /[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*/y,
}
const commentMark = /\/\*|\*\//g

/**
 * Cuts a statement, or several, into tokens. What is open at the end of the text goes on to it. `standardStrings` is the
 * server's `standard_conforming_strings`.
 */
export function* tokensOf(text: string, standardStrings = true): Generator<Token> {
  let at = 0
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }
  while (at < text.length) {
    opening.lastIndex = at
    const groups = opening.exec(text)?.groups ?? {}
    const {blank, comment, dollar, quote, doubleQuote, word, other} = groups
    at = opening.lastIndex
    if (blank !== undefined) continue
    if (comment !== undefined) at = commentEnd(text, at)
    else if (word !== undefined) yield {kind: 'word', text: fold(word)}
    else if (dollar !== undefined) {
      const end = text.indexOf(dollar, at)
      yield {kind: 'string', text: text.slice(at, end < 0 ? text.length : end)}
      at = end < 0 ? text.length : end + dollar.length
    } else if (quote !== undefined) {
      const escapes = /^e/i.test(quote) || (quote === "'" && !standardStrings)
      const value = take(escapes ? rest.escaped : rest.plain).replaceAll("''", "'")
      yield {kind: 'string', text: escapes ? unescape(value) : value}
      at += 1
    } else if (doubleQuote !== undefined) {
      const value = take(rest.name).replaceAll('""', '"')
      yield {kind: 'name', text: doubleQuote === '"' ? value : undefined}
      at += 1
    } else yield {kind: 'other', text: other ?? ''}
  }
}

/** As downcase_identifier does it in a UTF-8 database: ASCII alone. */
function fold(word: string): string {
  return word.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Where the comment ends whose first mark ends at `from`: comments nest. */
function commentEnd(text: string, from: number): number {
  let depth = 1
  commentMark.lastIndex = from
  for (let found = commentMark.exec(text); found !== null; found = commentMark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return commentMark.lastIndex
  }
  return text.length
}

const controls: Readonly<Record<string, string>> = {n: '\n', t: '\t', r: '\r', b: '\b', f: '\f'}

/** The value of an E'' string. */
function unescape(value: string): string {
  return value.replace(/\\(?:x([\da-f]{1,2})|u([\da-f]{4})|U([\da-f]{8})|([0-7]{1,3})|([^]))/gi, (_, hex?: string, short?: string, long?: string, octal?: string, single: string = '') => {
    const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8)
    if (Number.isNaN(code)) return controls[single] ?? single
    return code <= 0x10ffff ? String.fromCodePoint(code) : ''
  })
}
