import type {BufferPiece} from './pieces.js'

/** A statement that begins or ends a transaction. */
export interface Control {
  kind:
    | 'begin'
    | 'commit'
    /** END means COMMIT, but it also ends the body of a function whose quotes are missing. */
    | 'end'
    | 'rollback'
    /** PREPARE TRANSACTION */
    | 'prepare'
    /** COMMIT PREPARED or ROLLBACK PREPARED, which are not allowed inside a transaction. */
    | 'prepared'
  /** For BEGIN: its isolation level. */
  isolation?: Isolation
  /** For BEGIN: whether it says READ ONLY. */
  readOnly: boolean
  /** Whether it says AND CHAIN, which begins another transaction at once. */
  chain: boolean
}

/** The isolation levels of Postgres, from weak to strict. */
export const isolationLevels = ['read committed', 'repeatable read', 'serializable'] as const

export type Isolation = (typeof isolationLevels)[number]

const maxControlLength = 400
const mode =
  'isolation level (?:serializable|repeatable read|read committed|read uncommitted)|read only|read write|(?:not )?deferrable'
const beginWords = new RegExp(
  `^(?:begin(?: work| transaction)?|start transaction)(?: (?:${mode})(?: ?, ?| (?=\\w)|$))*$`,
)
const endWords = /^(commit|end|rollback|abort)(?: (?:work|transaction))?( and (?:no )?chain)?$/

/** Parses such a statement; undefined for others that begin like one, for example `END IF`. */
export function readControl(piece: BufferPiece): Control | undefined {
  const text = wordsOf(piece)
  const facts = {isolation: isolationIn(text), readOnly: text.includes('read only'), chain: / and chain$/.test(text)}
  if (beginWords.test(text)) return {kind: 'begin', ...facts}
  const [, word] = endWords.exec(text) ?? []
  if (word === 'commit' || word === 'end') return {kind: word, ...facts}
  if (word !== undefined) return {kind: 'rollback', ...facts}
  if (/^(?:commit|rollback) prepared /.test(text)) return {kind: 'prepared', ...facts}
  if (/^prepare transaction /.test(text)) return {kind: 'prepare', ...facts}
  return undefined
}

/** The isolation level of SET TRANSACTION; undefined for other statements. */
export function isolationSet(piece: BufferPiece): Isolation | undefined {
  const text = wordsOf(piece)
  return text.startsWith('set transaction ') ? isolationIn(text) : undefined
}

/** Whether a statement only changes a setting of the session, for which a transaction does not matter. */
export function isSessionSetting(piece: BufferPiece): boolean {
  return /^(?:set(?! (?:local|transaction|constraints|session characteristics) )|reset) /.test(wordsOf(piece))
}

/** Whether a statement creates a database, which Postgres does not do in a transaction. */
export function createsDatabase(piece: BufferPiece): boolean {
  return /^create database /.test(wordsOf(piece))
}

/** Whether a statement is about the server or a database as a whole, and not about what is in the database. */
export function concernsServer(piece: BufferPiece): boolean {
  return /^(?:(?:create|alter|drop) (?:database|tablespace)|comment on (?:database|tablespace)|alter system) /.test(
    wordsOf(piece),
  )
}

/** Whether a statement is about roles, which belong to the server. */
export function concernsRoles(piece: BufferPiece): boolean {
  return /^(?:(?:create|alter|drop) (?:role|user|group)(?! mapping)|drop owned|reassign owned) /.test(wordsOf(piece))
}

/** Whether a statement may give a database a name. */
export function namesDatabase(piece: BufferPiece): boolean {
  return /^(?:create|alter) database /.test(wordsOf(piece))
}

function isolationIn(text: string): Isolation | undefined {
  const level = /isolation level (serializable|repeatable read|read)/.exec(text)?.[1]
  return isolationLevels.find((isolation) => isolation === level)
}

/** The statement in lower case, without comments, and with single spaces. */
function wordsOf({buffer, from, start, length}: BufferPiece): string {
  const text = buffer.toString('latin1', from + start, Math.min(from + length, from + start + maxControlLength))
  return text
    .replaceAll(/--[^\n\r]*|\/\*[^]*?\*\//g, ' ')
    .toLowerCase()
    .replaceAll(/[\s;]+/g, ' ')
    .trim()
}
