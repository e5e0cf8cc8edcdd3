import type {BufferPiece} from './pieces.js'

/** A statement that begins or ends a transaction, as far as a run has to tell them apart. */
export interface Control {
  kind:
    | 'begin'
    | 'commit'
    /** END, which is COMMIT, but also what the body of a routine that lost its quotes ends with. */
    | 'end'
    | 'rollback'
    /** PREPARE TRANSACTION */
    | 'prepare'
    /** COMMIT or ROLLBACK of a prepared transaction, which no transaction may be open for. */
    | 'prepared'
  /** Of BEGIN: the isolation that it asks for. */
  isolation?: Isolation
  /** Of BEGIN: that nothing may be written. */
  readOnly: boolean
  /** AND CHAIN: another transaction begins at once. */
  chain: boolean
}

/** The isolation levels that differ in Postgres, the stricter ones later. */
export const isolations = ['read committed', 'repeatable read', 'serializable'] as const

/** One of {@link isolations}. */
export type Isolation = (typeof isolations)[number]

const longest = 400
const mode =
  'isolation level (?:serializable|repeatable read|read committed|read uncommitted)|read only|read write|(?:not )?deferrable'
const begin = new RegExp(`^(?:begin(?: work| transaction)?|start transaction)(?: (?:${mode})(?: ?, ?| (?=\\w)|$))*$`)
const end = /^(commit|end|rollback|abort)(?: (?:work|transaction))?( and (?:no )?chain)?$/

/** Reads such a statement; undefined for what only begins like one, `END IF` for example. */
export function readControl(piece: BufferPiece): Control | undefined {
  const text = wordsOf(piece)
  const facts = {isolation: isolationIn(text), readOnly: text.includes('read only'), chain: / and chain$/.test(text)}
  if (begin.test(text)) return {kind: 'begin', ...facts}
  const [, word] = end.exec(text) ?? []
  if (word === 'commit' || word === 'end') return {kind: word, ...facts}
  if (word !== undefined) return {kind: 'rollback', ...facts}
  if (/^(?:commit|rollback) prepared /.test(text)) return {kind: 'prepared', ...facts}
  if (/^prepare transaction /.test(text)) return {kind: 'prepare', ...facts}
  return undefined
}

/** The isolation that SET TRANSACTION asks for; undefined for any other statement. */
export function isolationSet(piece: BufferPiece): Isolation | undefined {
  const text = wordsOf(piece)
  return text.startsWith('set transaction ') ? isolationIn(text) : undefined
}

/** Whether a statement only sets something for the session, which a transaction around it does not change. */
export function isSessionSetting(piece: BufferPiece): boolean {
  return /^(?:set(?! (?:local|transaction|constraints|session characteristics) )|reset) /.test(wordsOf(piece))
}

function isolationIn(text: string): Isolation | undefined {
  const level = /isolation level (serializable|repeatable read|read)/.exec(text)?.[1]
  return isolations.find((isolation) => isolation === level)
}

/** The statement in lower case, with one blank between its words and without comments. */
function wordsOf({buffer, from, start, length}: BufferPiece): string {
  const text = buffer.toString('latin1', from + start, Math.min(from + length, from + start + longest))
  return text
    .replaceAll(/--[^\n\r]*|\/\*[^]*?\*\//g, ' ')
    .toLowerCase()
    .replaceAll(/[\s;]+/g, ' ')
    .trim()
}
