/**
 * What this tool writes down about a database, as a line of the database's comment: a comment needs no superuser, goes
 * along with a rename, and is copied neither by `CREATE DATABASE … TEMPLATE` nor by pg_dump without `--create`.
 *
 * Anyone may write such a line on a database of their own. So a marker never says alone what may be dropped or renamed:
 * see {@link ownDatabases}.
 */
export interface DatabaseMarker {
  /** Set where `protect` marked the database: the identifier of the server at that time. */
  protected?: string
  /**
   * What the database is to a setup: `building` is new and not complete, `kept` the old one that undo brings back,
   * `replaced` the old one that is about to be dropped, `cache` a complete one that setups copy.
   */
  state?: 'building' | 'kept' | 'replaced' | 'cache'
  /** The name of the database that it stands for. */
  of?: string
  /** Its own name, number and server when the marker was written: elsewhere the state means nothing. */
  name?: string
  oid?: number
  server?: string
  /** When it was replaced or made, in ISO 8601. */
  at?: string
  /** Of a kept one: that it was a template (`IS_TEMPLATE`), or protected, under its own name. */
  wasTemplate?: boolean
  wasProtected?: boolean
  /** Of a cached database: what it was made from, as a hash. */
  key?: string
  /** Of a cached database: the schema file that it was made from, for people. */
  source?: string
}

/** A database's comment: the user's text, and our marker. */
export interface DatabaseComment {
  text: string
  marker: DatabaseMarker
}

const line = /^\[cruddur-db (\{.*\})\]$/s
/** One that someone has quoted, cut or edited: it may have been one that protects. */
const remains = /\[cruddur-db (\{.*\}(?=\])|\{.*)\]?/s

/**
 * Splits a comment into the user's text and our marker, which is a line of its own wherever it stands. Of several the
 * last counts, but one of them is enough to protect, and so is one within other words, or one that cannot be read.
 */
export function readComment(comment: string | null): DatabaseComment {
  const text: string[] = []
  let marker: DatabaseMarker = {}
  let protection: string | undefined
  for (const row of comment?.split('\n') ?? []) {
    const own = parse(line.exec(row.trim())?.[1])
    const protects = own === undefined ? protectionIn(row) : own.protected
    protection = protects ?? protection
    if (own !== undefined) marker = own
    else if (protects === undefined) text.push(row)
    else if (row.replace(remains, '').trim() !== '') text.push(row.replace(remains, ''))
  }

  return {text: text.join('\n'), marker: protection === undefined ? marker : {...marker, protected: protection}}
}

/** What protects in a line that is no marker. */
function protectionIn(row: string): string | undefined {
  const [, json] = remains.exec(row) ?? []
  if (json === undefined) return undefined
  const quoted = parse(json)
  return quoted === undefined ? 'unreadable' : quoted.protected
}

function parse(json: string | undefined): DatabaseMarker | undefined {
  try {
    return json === undefined ? undefined : (JSON.parse(json) as DatabaseMarker)
  } catch {
    return undefined
  }
}

/** The parts of a comment before and after the database's own number, for one that does not exist yet. */
export function commentAround({text, marker}: DatabaseComment): [before: string, after: string] {
  return [`${text}${text === '' ? '' : '\n'}[cruddur-db {"oid":`, `,${JSON.stringify(marker).slice(1)}]`]
}

/** Puts them together again; null, which is no comment, where there is neither. */
export function writeComment({text, marker}: DatabaseComment): string | null {
  const json = JSON.stringify(marker)
  if (json === '{}') return text === '' ? null : text
  return `${text}${text === '' ? '' : '\n'}[cruddur-db ${json}]`
}
