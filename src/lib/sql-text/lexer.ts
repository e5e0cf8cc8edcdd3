import {byte, kind, kinds, tagBytes, wordBytes} from './characters.js'
import {
  blockComment,
  dollar,
  escapeString,
  identifier,
  lineComment,
  type Opening,
  openings,
  type Stop,
  string,
  top,
} from './modes.js'
import {readColon, type Reference} from './psql/reference.js'
import {find, hasLineEndOnly, lineEnd, numberEnd} from './search.js'
import {Words} from './words.js'

/**
 * Finds the ends of statements like psql's scanner (`psqlscan.l`, whose rules are named here), in a buffer that may grow
 * between two calls. Open quotes and comments are kept as state, and a token that may continue in the next bytes is left
 * for the next call.
 *
 * Each method for an open quote or comment returns true when it is closed, and false if it needs more bytes.
 */
export class Lexer {
  /** The position of the next byte to read. */
  pos = 0
  /** The position of the statement's first token; -1 if there were only blanks and comments. */
  start = -1
  /** The position where the open quote or comment began. */
  opened = -1
  parentheses = 0
  readonly words = new Words()
  /** After the stop `variable`: what it is. */
  reference: Reference | undefined

  private mode = top
  private buffer: Buffer = Buffer.alloc(0)
  private final = false
  private commentDepth = 0
  private delimiter: Buffer = Buffer.alloc(0)
  /** The end of the last E'' string; -1 if there is none in the statement. */
  private escapeEnd = -1

  /**
   * `standardStrings` is the server's `standard_conforming_strings`: whether a backslash in '' is literal. `references`
   * says whether to stop at psql's variables.
   */
  constructor(
    public standardStrings: boolean,
    private readonly references = false,
  ) {}

  /** What is open at the end of the bytes; undefined if a script may end there. */
  get open(): Opening | undefined {
    return openings[this.mode]
  }

  /** Adjusts the positions after `count` bytes were removed from the front of the buffer. */
  shift(count: number): void {
    this.pos -= count
    this.opened -= count
    if (this.start >= 0) this.start -= count
    if (this.escapeEnd >= 0) this.escapeEnd -= count
  }

  /** Starts a new statement. */
  reset(): void {
    this.start = -1
    this.escapeEnd = -1
    this.parentheses = 0
    this.words.reset()
  }

  /**
   * Reads to the next `;` that ends a statement (then `pos` is after it), to a backslash or a variable (then `pos` is on
   * it), or to the end of the bytes. `final` means that no more bytes will follow.
   */
  scan(buffer: Buffer, final: boolean): Stop {
    this.buffer = buffer
    this.final = final
    for (;;) {
      if (this.mode === top) {
        const stop = this.scanTop()
        if (stop) return stop
      } else {
        if (!this.close()) return 'more'
        this.mode = top
      }
    }
  }

  /** Reads tokens outside quotes and comments; returns undefined when one of these begins. */
  private scanTop(): Stop | undefined {
    const {buffer} = this
    const end = buffer.length
    while (this.pos < end) {
      const at = this.pos
      const what = kinds[buffer[at]!]!
      if (what === kind.blank) {
        this.pos++
        continue
      }
      if (what === kind.backslash) return 'backslash'
      if (what === kind.minus || what === kind.slash) {
        if (at + 1 === end && !this.final) return 'more'
        if (this.comment(at)) return undefined
      }
      if (this.start < 0) this.start = at
      if (what === kind.semicolon) {
        this.pos++
        if (this.parentheses === 0 && this.words.depth === 0) return 'semicolon'
      } else if (what === kind.colon && this.references) {
        const stop = this.colon(at)
        if (stop) return stop
      } else if (!this.token(what, at)) return 'more'
      if (this.mode !== top) return undefined
    }
    return 'more'
  }

  /** Reads the token at `at`; returns false if it needs more bytes. */
  private token(what: number, at: number): boolean {
    switch (what) {
      case kind.word:
        return this.word(at)
      case kind.quote:
        this.enter(this.stringMode(at), at, at + 1)
        return true
      case kind.doubleQuote:
        this.enter(identifier, at, at + 1)
        return true
      case kind.dollar:
        return this.dollarQuote(at)
      case kind.digit:
        return this.number(at)
      default:
        if (what === kind.open) this.parentheses++
        else if (what === kind.close && this.parentheses > 0) this.parentheses--
        this.pos = at + 1
        return true
    }
  }

  /** Reads a colon and what belongs to it. */
  private colon(at: number): Stop | undefined {
    const read = readColon(this.buffer, at, this.final)
    if (read === 'more') return read
    if (typeof read !== 'number') this.reference = read
    else this.pos = read
    return typeof read === 'number' ? undefined : 'variable'
  }

  private enter(mode: number, opened: number, next: number): void {
    this.mode = mode
    this.opened = opened
    this.pos = next
  }

  private comment(at: number): boolean {
    const second = this.buffer[at + 1]
    if (this.buffer[at] === byte.minus) {
      if (second !== byte.minus) return false
      this.enter(lineComment, at, at + 2)
    } else {
      if (second !== byte.star) return false
      this.commentDepth = 1
      this.enter(blockComment, at, at + 2)
    }
    return true
  }

  /** Reads an identifier, or the prefix of a string: backslashes escape in E'', but not in B'', X'' and U&''. */
  private word(at: number): boolean {
    const {buffer} = this
    let to = at + 1
    while (to < buffer.length && wordBytes[buffer[to]!] === 1) to++
    const single = to === at + 1
    const prefix = single && buffer[to] === byte.ampersand
    if (!this.final && (to === buffer.length || (prefix && to + 1 === buffer.length))) return false
    if (single) {
      const letter = buffer[at]! | 0x20
      const quoted = buffer[to] === byte.quote
      if (quoted && letter === 0x65) this.enter(escapeString, at, to + 1)
      else if (quoted && (letter === 0x62 || letter === 0x78)) this.enter(string, at, to + 1)
      else if (prefix && letter === 0x75 && buffer[to + 1] === byte.quote) this.enter(string, at, to + 2)
      if (this.mode !== top) return true
    }
    this.words.add(buffer, at, to, this.parentheses)
    this.pos = to
    return true
  }

  private number(at: number): boolean {
    const to = numberEnd(this.buffer, at, this.final)
    this.pos = to ?? at
    return to !== undefined
  }

  /** Reads the opening tag of a dollar quote ({dolqdelim}), or a single `$`. */
  private dollarQuote(at: number): boolean {
    const {buffer} = this
    let to = at + 1
    if (to < buffer.length && kinds[buffer[to]!] === kind.word) {
      to++
      while (to < buffer.length && tagBytes[buffer[to]!] === 1) to++
    }
    if (to === buffer.length && !this.final) return false
    if (buffer[to] === byte.dollar) {
      this.delimiter = Buffer.from(buffer.subarray(at, to + 1))
      this.enter(dollar, at, to + 1)
    } else this.pos = at + 1
    return true
  }

  /**
   * How backslashes count in the string at `at`. A string that continues an E'' string on a later line is like that string
   * ({quotecontinue}).
   */
  private stringMode(at: number): number {
    if (!this.standardStrings) return escapeString
    return this.escapeEnd >= 0 && hasLineEndOnly(this.buffer, this.escapeEnd, at) ? escapeString : string
  }

  private close(): boolean {
    switch (this.mode) {
      case string:
        return this.closeQuote(byte.quote)
      case identifier:
        return this.closeQuote(byte.doubleQuote)
      case escapeString:
        return this.closeEscapeString()
      case dollar:
        return this.closeDollar()
      case blockComment:
        return this.closeComment()
      default:
        this.pos = lineEnd(this.buffer, this.pos)
        return this.pos < this.buffer.length
    }
  }

  /** Moves past the closing quote; returns false if bytes are missing, also to see whether a quote is doubled. */
  private closeQuote(quote: number): boolean {
    const {buffer} = this
    for (;;) {
      this.pos = find(buffer, quote, this.pos)
      const next = this.pos + 1
      if (next > buffer.length || (next === buffer.length && !this.final)) return false
      this.pos = next
      if (buffer[next] !== quote) return true
      this.pos++
    }
  }

  private closeEscapeString(): boolean {
    const {buffer} = this
    let at = this.pos
    while (at < buffer.length) {
      const code = buffer[at]
      if (code !== byte.quote && code !== byte.backslash) {
        at++
        continue
      }
      if (at + 1 === buffer.length && !this.final) break
      if (code === byte.quote && buffer[at + 1] !== byte.quote) {
        this.pos = this.escapeEnd = at + 1
        return true
      }
      at += 2
    }
    this.pos = Math.min(at, buffer.length)
    return false
  }

  private closeDollar(): boolean {
    const found = this.buffer.indexOf(this.delimiter, this.pos)
    if (found >= 0) {
      this.pos = found + this.delimiter.length
      return true
    }
    this.pos = Math.max(this.pos, this.buffer.length - this.delimiter.length + 1)
    return false
  }

  /** Moves past the end of the outermost comment (state xc, rules {xcstart} and {xcstop}). */
  private closeComment(): boolean {
    const {buffer} = this
    let at = this.pos
    for (; at + 1 < buffer.length && this.commentDepth > 0; at++) {
      const opens = buffer[at] === byte.slash && buffer[at + 1] === byte.star
      const closes = buffer[at] === byte.star && buffer[at + 1] === byte.slash
      if (!opens && !closes) continue
      this.commentDepth += opens ? 1 : -1
      at++
    }
    this.pos = at
    return this.commentDepth === 0
  }
}
