/**
 * What this tool notes on a database, in the last line of its comment: a comment needs no superuser, goes along with a
 * rename, and is copied neither by `CREATE DATABASE … TEMPLATE` nor by pg_dump without `--create`.
 */
export interface DatabaseMark {
  /** The identifier of the server on which the database was protected; elsewhere the mark means nothing. */
  protected?: string
  /**
   * Where the database stands in a setup: `building` is new and not complete, `aside` the old one until the new one
   * is, `kept` the old one that undo brings back, `discard` one that is about to be dropped; `cache` is a complete one
   * that setups copy.
   */
  state?: 'building' | 'aside' | 'kept' | 'discard' | 'cache'
  /** The name of the database that it was, or stands for. */
  of?: string
  /** When it was set aside, or made, in ISO 8601. */
  at?: string
  /** Of a cached database: what it was made from, as a hash. */
  key?: string
  /** Of a cached database: the schema file that it was made from, for people. */
  source?: string
}

const trailer = /\n?\[cruddur-db (\{.*\})\]$/s

/** Splits a database's comment into the user's text and our mark. A mark that cannot be read is the user's text. */
export function readMark(comment: string | null): {text: string; mark: DatabaseMark} {
  const match = trailer.exec(comment ?? '')
  if (match?.[1] === undefined) return {text: comment ?? '', mark: {}}
  try {
    return {text: (comment ?? '').slice(0, match.index), mark: JSON.parse(match[1]) as DatabaseMark}
  } catch {
    return {text: comment ?? '', mark: {}}
  }
}

/** Puts them together again; null, which is no comment, where there is neither. */
export function writeMark(text: string, mark: DatabaseMark): string | null {
  const noted = Object.values(mark).some((value) => value !== undefined)
  if (!noted) return text === '' ? null : text
  return `${text}${text === '' ? '' : '\n'}[cruddur-db ${JSON.stringify(mark)}]`
}
