/** The maximum length of a name in Postgres, in bytes (https://www.postgresql.org/docs/current/limits.html). */
export const maxIdentifierBytes = 63

/** Cuts a name between two characters, as Postgres does (https://www.postgresql.org/docs/current/sql-syntax-lexical.html). */
export function cutIdentifier(name: string, maxBytes = maxIdentifierBytes): string {
  const bytes = Buffer.from(name)
  if (bytes.length <= maxBytes) return name
  return bytes
    .subarray(0, maxBytes)
    .toString()
    .replace(/\ufffd+$/, '')
}
