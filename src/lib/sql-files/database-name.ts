import {BufferPiece} from '../sql-text/pieces.js'
import {contentOf, type Token, Tokens} from '../sql-text/tokens.js'

/** A database that has a temporary name while SQL files that use its real name run. */
export interface BuiltDatabase {
  /** The name in the files. */
  name: string
  /** The temporary name on the server. */
  builtAs: string
  /** Called with each original statement that names the database. */
  onStatement?: (text: string) => void
}

/** A replacement of the part from `from` to `to` by `text`. */
export interface Edit {
  from: number
  to: number
  text: string
}

/** A rewritten statement, with its changes relative to the original. */
export interface Rewritten {
  piece: BufferPiece
  edits: Edit[]
}

const concerned = /^(?:alter|comment|create|do|drop|grant|reindex|revoke|security)(?![A-Za-z0-9_$\x80-\xff])/i
const longestWord = 9
/** 1 for bytes that begin one of those words. */
const firstBytes = new Uint8Array(256)
for (const letter of 'acdgrsACDGRS') firstBytes[letter.charCodeAt(0)] = 1

/**
 * Rewrites statements that name the database, so that they affect the new one under its temporary name: ALTER, COMMENT ON,
 * GRANT, SECURITY LABEL, ALTER ROLE … IN, DROP, CREATE and REINDEX DATABASE, also in DO blocks. Everything else is left
 * unchanged.
 */
export class DatabaseRename {
  private readonly name: string
  private readonly replacement: string
  private readonly onStatement: BuiltDatabase['onStatement']

  constructor({name, builtAs, onStatement}: BuiltDatabase) {
    this.onStatement = onStatement
    this.name = Buffer.from(name).toString('latin1')
    this.replacement = `"${Buffer.from(builtAs).toString('latin1').replaceAll('"', '""')}"`
  }

  /** Returns the rewritten statement; undefined if the statement does not name the database. */
  rewrite(piece: BufferPiece): Rewritten | undefined {
    const {buffer, from, start, length} = piece
    const at = from + start
    if (firstBytes[buffer[at]!] !== 1 || !concerned.test(buffer.toString('latin1', at, at + longestWord + 1)))
      return undefined
    const text = buffer.toString('latin1', at, from + length)
    if (!/database|reindex/i.test(text)) return undefined
    const edits = this.statement(new Tokens(text), 0)
    if (edits.length === 0) return undefined
    this.onStatement?.(text)
    return {
      piece: applyEdits(piece, edits),
      edits: edits.map((edit) => ({...edit, from: edit.from + start, to: edit.to + start})),
    }
  }

  /** The replacements in the statement that begins at this token. */
  private statement(tokens: Tokens, first: number): Edit[] {
    if (tokens.lower(first) !== 'do') return this.names(tokens, namesIn(tokens, first))
    const body = bodyOfDo(tokens, first + 1)
    return body === undefined ? [] : this.within(tokens, body, (inner) => this.body(inner))
  }

  /** The replacements in a PL/pgSQL body: in its statements and in strings for EXECUTE, but not in messages of RAISE. */
  private body(tokens: Tokens): Edit[] {
    const edits: Edit[] = []
    let executes = false
    for (let index = 0; tokens.at(index) !== undefined; index++) executes ||= tokens.lower(index) === 'execute'
    let raises = false
    for (let index = 0, token; (token = tokens.at(index)) !== undefined; index++) {
      const lower = tokens.lower(index)
      if (lower === 'raise') raises = true
      else if (lower === ';') raises = false
      if (token.kind === 'word') edits.push(...this.names(tokens, namesIn(tokens, index)))
      else if (token.kind === 'string' && executes && !raises)
        edits.push(...this.within(tokens, token, (inner) => this.statements(inner)))
    }
    return edits
  }

  /** The replacements in SQL text with any number of statements. */
  private statements(tokens: Tokens): Edit[] {
    const edits: Edit[] = []
    for (let index = 0; tokens.at(index) !== undefined; index++) {
      if (index === 0 || tokens.lower(index - 1) === ';') edits.push(...this.statement(tokens, index))
    }
    return edits
  }

  /** Converts replacements inside a string to replacements in the text around it. */
  private within({text}: Tokens, token: Token, find: (inner: Tokens) => Edit[]): Edit[] {
    const content = contentOf(text, token)
    const place = (index: number): number => content.places[index] ?? token.to
    return find(new Tokens(content.text)).map((edit) => ({
      from: place(edit.from),
      to: place(edit.to),
      text: content.encode(edit.text),
    }))
  }

  private names(within: Tokens, tokens: (Token | undefined)[]): Edit[] {
    return tokens
      .filter((token) => token !== undefined && within.identifier(token) === this.name)
      .map((token) => ({from: token!.from, to: token!.to, text: this.replacement}))
  }
}

/** Converts a position in the rewritten text to one in the original; inside a replaced name, to its beginning. */
export function placeBefore(edits: Edit[], index: number): number {
  let shift = 0
  for (const {from, to, text} of edits) {
    if (index < from + shift) break
    if (index < from + shift + text.length) return from
    shift += text.length - (to - from)
  }
  return index - shift
}

/** The tokens that name a database in the statement that begins at this token. */
function namesIn(tokens: Tokens, first: number): (Token | undefined)[] {
  const after = (index: number, ...words: string[]): number | undefined =>
    words.every((word, offset) => tokens.lower(index + offset) === word) ? index + words.length : undefined
  const next = first + 1
  const one = (index: number | undefined): (Token | undefined)[] => (index === undefined ? [] : [tokens.at(index)])
  switch (tokens.lower(first)) {
    case 'alter':
      if (after(next, 'role') !== undefined || after(next, 'user') !== undefined)
        return one(after(next + 2, 'in', 'database'))
      return one(after(next, 'database'))
    case 'comment':
      return one(after(next, 'on', 'database'))
    case 'create':
      return after(next, 'database') === undefined ? [] : [tokens.at(next + 1), templateOf(tokens, next + 2)]
    case 'drop':
      return one(after(next, 'database', 'if', 'exists') ?? after(next, 'database'))
    case 'grant':
    case 'revoke':
      return namesInList(tokens, next)
    case 'reindex':
      return one(reindexed(tokens, next))
    case 'security': {
      const from = after(next, 'label')
      if (from === undefined) return []
      return one(
        after(from, 'on', 'database') ??
          (after(from, 'for') === undefined ? undefined : after(from + 2, 'on', 'database')),
      )
    }
    default:
      return []
  }
}

/** GRANT … ON DATABASE a, b TO …; `from` is the token after GRANT. */
function namesInList(tokens: Tokens, from: number): (Token | undefined)[] {
  let index = from
  while (tokens.at(index) !== undefined && tokens.lower(index) !== ';' && tokens.lower(index) !== 'on') index++
  if (tokens.lower(index) !== 'on' || tokens.lower(index + 1) !== 'database') return []
  const found = [tokens.at(index + 2)]
  for (index += 3; tokens.lower(index) === ','; index += 2) found.push(tokens.at(index + 1))
  return found
}

/** CREATE DATABASE a … TEMPLATE = b */
function templateOf(tokens: Tokens, from: number): Token | undefined {
  for (let index = from; tokens.at(index) !== undefined && tokens.lower(index) !== ';'; index++) {
    if (tokens.lower(index) === 'template') return tokens.at(tokens.lower(index + 1) === '=' ? index + 2 : index + 1)
  }
  return undefined
}

/** REINDEX (options) DATABASE | SYSTEM CONCURRENTLY a */
function reindexed(tokens: Tokens, from: number): number | undefined {
  let index = from
  if (tokens.lower(index) === '(') {
    while (tokens.at(index) !== undefined && tokens.lower(index) !== ')') index++
    index++
  }
  const what = tokens.lower(index)
  if (what !== 'database' && what !== 'system') return undefined
  return tokens.lower(index + 1) === 'concurrently' ? index + 2 : index + 1
}

/** The body of a DO block in PL/pgSQL. LANGUAGE may be before or after it. */
function bodyOfDo(tokens: Tokens, from: number): Token | undefined {
  let body: Token | undefined
  for (let index = from, token; (token = tokens.at(index)) !== undefined && tokens.lower(index) !== ';'; index++) {
    if (tokens.lower(index) === 'language') {
      const name = tokens.at(++index)
      if (name && !/^["'E]*plpgsql["']*$/i.test(tokens.text.slice(name.from, name.to))) return undefined
    } else if (token.kind === 'string') body ??= token
  }
  return body
}

/** Applies the replacements, whose positions count from the first token. */
function applyEdits(piece: BufferPiece, edits: Edit[]): BufferPiece {
  const {buffer, from, start, length, kind, offset, line, column, statement, complete} = piece
  const parts: Buffer[] = []
  let at = from
  for (const edit of edits) {
    parts.push(buffer.subarray(at, from + start + edit.from), Buffer.from(edit.text, 'latin1'))
    at = from + start + edit.to
  }
  parts.push(buffer.subarray(at, from + length))
  const text = Buffer.concat(parts)
  return new BufferPiece(text, 0, text.length, kind, offset, start, line, column, statement, complete)
}
