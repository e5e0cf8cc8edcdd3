/** What the runner has to know of a statement before the server has seen it. */
export type StatementClass =
  /** Nothing: it goes into a batch with its neighbours. */
  | 'plain'
  /** It begins or ends a transaction: the file has transactions of its own. */
  | 'transaction'
  /** `COPY … FROM STDIN`: lines of data follow it in the file. */
  | 'copy'
  /** It changes how the server reads the text after it, so that text must not be sent along with it. */
  | 'setting'

/** The first words that {@link Words} has to look past. */
const leaders = new Set(['create', 'copy', 'set', 'reset', 'rollback', 'start', 'prepare'])
/** Longer than any word that is looked for. */
const longest = 12
const enders = new Set(['begin', 'commit', 'end', 'abort'])
const routines = new Set(['function', 'procedure'])

/**
 * The unquoted words of one statement, as far as they decide where it ends and how it is run.
 *
 * Holds psql's heuristic for `BEGIN ATOMIC … END` bodies (psqlscan.l, rule `{identifier}`): in a statement that begins
 * with CREATE [OR REPLACE] FUNCTION or PROCEDURE, BEGIN and CASE outside parentheses open a level and END closes one.
 */
export class Words {
  /** Open BEGIN and CASE levels of a routine's body. */
  depth = 0
  private count = 0
  private first: string[] = []
  private last = ''
  private copiesFromClient = false
  private routine = false

  /** Takes the next word of the statement, the bytes from `from` to `to`, at this depth of parentheses. */
  add(buffer: Buffer, from: number, to: number, parentheses: number): void {
    const position = this.count++
    if (position > 0 && !leaders.has(this.first[0] ?? '')) return
    if (position > 3 && !this.routine && this.first[0] !== 'copy') return
    const word = buffer.toString('latin1', from, Math.min(to, from + longest)).toLowerCase()
    if (position < 4) this.first.push(word)
    this.routine ||= position < 4 && this.beginsRoutine()
    if (parentheses > 0) return
    if (this.routine) this.level(word)
    // COPY … FROM STDOUT is what the server's grammar takes as well (copy_file_name in gram.y).
    if (this.last === 'from' && (word === 'stdin' || word === 'stdout'))
      this.copiesFromClient = this.first[0] === 'copy'
    this.last = word
  }

  /** Forgets the statement: the next word is the first of another. */
  reset(): void {
    this.depth = 0
    this.count = 0
    this.first = []
    this.last = ''
    this.copiesFromClient = false
    this.routine = false
  }

  /** The class of the statement whose words were added; `text` is asked for only where words do not decide. */
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

/**
 * The settings by which the server reads a message it has not yet parsed. `RESET ALL` and `SET NAMES` reach them too.
 */
const readingSettings = /standard_conforming_strings|client_encoding|backslash_quote|\ball\b|\bnames\b/i

const standardStringsValue =
  /^\s*(?:set\s+(?:session\s+|local\s+)?"?standard_conforming_strings"?\s*(?:=|\bto\b)\s*'?(\w+)|reset\s+(?:all|"?standard_conforming_strings)\b)/i

/**
 * What a SET or RESET statement makes of `standard_conforming_strings`; undefined where it leaves it alone. `initial`
 * is what RESET and DEFAULT go back to. Boolean spellings are those of the server's parse_bool: unique prefixes count.
 */
export function standardStringsAfter(statement: string, initial: boolean): boolean | undefined {
  const match = standardStringsValue.exec(statement)
  if (!match) return undefined
  const value = match[1]?.toLowerCase()
  if (value === undefined || value === 'default') return initial
  return !['of', 'off', '0', 'f', 'fa', 'fal', 'fals', 'false', 'n', 'no'].includes(value)
}
