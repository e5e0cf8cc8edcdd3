/**
 * What this program stores about a database, as one line in the database's comment. A comment needs no superuser, survives
 * a rename, and is not copied by `CREATE DATABASE … TEMPLATE` or by pg_dump without `--create`.
 *
 * The owner of any database can write such a line, so a marker alone never allows a drop or a rename: see
 * {@link ownDatabases}.
 */
export interface DatabaseMarker {
  /** Set by `protect`: the identifier of the server at that time. */
  protected?: string
  /**
   * Set by setup: `building` is new and not complete, `kept` is the undo copy, `replaced` is an old database that is about
   * to be dropped, `cache` is a complete database that setup can copy. A `snapshot` is a copy that a person has named. A
   * `scratch` database is dropped by the command that has made it.
   */
  state?: 'building' | 'kept' | 'replaced' | 'cache' | 'snapshot' | 'scratch'
  /** The name of the database that it belongs to. */
  of?: string
  /** Its name, oid and server when the marker was written. If they differ now, the state does not count. */
  name?: string
  oid?: number
  server?: string
  /** When it was replaced, built or copied, in ISO 8601. */
  at?: string
  /** For an undo copy: whether it was a template (`IS_TEMPLATE`) or protected before. */
  wasTemplate?: boolean
  wasProtected?: boolean
  /** For a cached database: a hash of what it was built from. */
  key?: string
  /** For a cached database: the schema file that it was built from, for people. */
  source?: string
  /** For a snapshot: its name for people. */
  label?: string
}

/** The comment of a database: the user's text and our marker. */
export interface DatabaseComment {
  text: string
  marker: DatabaseMarker
}

const line = /^\[cruddur-db (\{.*\})\]$/s
/** A marker that was quoted, cut or edited. It may still be one that protects. */
const remains = /\[cruddur-db (\{.*\}(?=\])|\{.*)\]?/s

/**
 * Splits a comment into the user's text and our marker, which is on a line of its own. If there are several, the last one
 * counts. For protection any of them is enough, even one inside other text or one that cannot be read.
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

/** The protection in a line that is not exactly a marker. */
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

/** The comment before and after the oid, for a database that does not exist yet. */
export function commentAround({text, marker}: DatabaseComment): [before: string, after: string] {
  return [`${text}${text === '' ? '' : '\n'}[cruddur-db {"oid":`, `,${JSON.stringify(marker).slice(1)}]`]
}

/** Joins text and marker. Returns null, which means no comment, if both are empty. */
export function writeComment({text, marker}: DatabaseComment): string | null {
  const json = JSON.stringify(marker)
  if (json === '{}') return text === '' ? null : text
  return `${text}${text === '' ? '' : '\n'}[cruddur-db ${json}]`
}
