/** How a statement must be handled before it is sent. */
export type StatementClass =
  /** It can be sent together with others. */
  | 'plain'
  /** It begins or ends a transaction. */
  | 'transaction'
  /** `COPY … FROM STDIN`: lines of data follow in the file. */
  | 'copy'
  /** It changes how the server reads text, so the next statement must not be in the same message. */
  | 'setting'

/** First words after which {@link Words} needs more words. */
const leaders = new Set(['create', 'copy', 'set', 'reset', 'rollback', 'start', 'prepare'])
/** Longer than any word that matters here. */
const maxWordLength = 12
const enders = new Set(['begin', 'commit', 'end', 'abort'])
const routines = new Set(['function', 'procedure'])

/**
 * The unquoted words of one statement, as far as they decide where it ends and how it runs.
 *
 * It has psql's heuristic for `BEGIN ATOMIC … END` bodies (psqlscan.l, rule `{identifier}`): after CREATE [OR REPLACE]
 * FUNCTION or PROCEDURE, BEGIN and CASE outside parentheses open a level, and END closes one.
 */
export class Words {
  /** The number of open BEGIN and CASE levels in a function body. */
  depth = 0
  private count = 0
  private first: string[] = []
  private last = ''
  private copiesFromClient = false
  private routine = false

  /** Adds the next word of the statement, the bytes from `from` to `to`, at this depth of parentheses. */
  add(buffer: Buffer, from: number, to: number, parentheses: number): void {
    const position = this.count++
    if (position > 0 && !leaders.has(this.first[0] ?? '')) return
    if (position > 3 && !this.routine && this.first[0] !== 'copy') return
    const word = buffer.toString('latin1', from, Math.min(to, from + maxWordLength)).toLowerCase()
    if (position < 4) this.first.push(word)
    this.routine ||= position < 4 && this.beginsRoutine()
    if (parentheses > 0) return
    if (this.routine) this.level(word)
    // The server's grammar also allows COPY … FROM STDOUT (copy_file_name in gram.y).
    if (this.last === 'from' && (word === 'stdin' || word === 'stdout'))
      this.copiesFromClient = this.first[0] === 'copy'
    this.last = word
  }

  /** Starts a new statement. */
  reset(): void {
    this.depth = 0
    this.count = 0
    this.first = []
    this.last = ''
    this.copiesFromClient = false
    this.routine = false
  }

  /** The class of the statement. `text` is only called if the words are not enough. */
  classify(text: () => string): StatementClass {
    const [first = '', ...rest] = this.first
    if (this.copiesFromClient) return 'copy'
    if (enders.has(first)) return 'transaction'
    if (first === 'start' || first === 'prepare') return rest[0] === 'transaction' ? 'transaction' : 'plain'
    if (first === 'rollback') return rest.includes('to') ? 'plain' : 'transaction'
    if ((first === 'set' || first === 'reset') && readingSettings.test(text())) return 'setting'
    return 'plain'
  }

  private beginsRoutine(): boolean {
    const [create, second = '', third, fourth = ''] = this.first
    return (
      create === 'create' && (routines.has(second) || (second === 'or' && third === 'replace' && routines.has(fourth)))
    )
  }

  private level(word: string): void {
    if (word === 'begin' || (word === 'case' && this.depth > 0)) this.depth++
    else if (word === 'end' && this.depth > 0) this.depth--
  }
}

/** Settings that change how the server reads text. `RESET ALL` and `SET NAMES` change them too. */
const readingSettings = /standard_conforming_strings|client_encoding|backslash_quote|\ball\b|\bnames\b/i

const standardStringsValue =
  /^\s*(?:set\s+(?:session\s+|local\s+)?"?standard_conforming_strings"?\s*(?:=|\bto\b)\s*'?(\w+)|reset\s+(?:all|"?standard_conforming_strings)\b)/i

/**
 * The value of `standard_conforming_strings` after a SET or RESET; undefined if it is not changed. `initial` is the value
 * for RESET and DEFAULT. Booleans can be abbreviated, as in the server's parse_bool.
 */
export function standardStringsAfter(statement: string, initial: boolean): boolean | undefined {
  const match = standardStringsValue.exec(statement)
  if (!match) return undefined
  const value = match[1]?.toLowerCase()
  if (value === undefined || value === 'default') return initial
  return !['of', 'off', '0', 'f', 'fa', 'fal', 'fals', 'false', 'n', 'no'].includes(value)
}
