/** Schema and name of psql's patterns as regular expressions of Postgres; undefined stands for any. */
export interface NamePattern {
  schema?: string
  name?: string
}

/**
 * Reads a pattern as psql does (https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-PATTERNS): `*` and `?`
 * stand for any letters and any one, a dot divides schema and name, letters are folded outside of double quotes.
 */
export function parsePattern(text: string): NamePattern {
  const parts = ['']
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at)
    if (letter === '"') {
      if (quoted && text.charAt(at + 1) === '"') parts.push(`${parts.pop()}${text.charAt(++at)}`)
      else quoted = !quoted
    } else if (letter === '.' && !quoted) parts.push('')
    else parts.push(`${parts.pop()}${expression(letter, quoted)}`)
  }

  const [name, schema] = parts.reverse()
  const whole = (part: string | undefined): string | undefined =>
    part === undefined || part === '' || part === '.*' ? undefined : `^(${part})$`
  return {schema: whole(schema) ?? (schema === undefined ? undefined : '^(.*)$'), name: whole(name)}
}

function expression(letter: string, quoted: boolean): string {
  if (!quoted && letter === '*') return '.*'
  if (!quoted && letter === '?') return '.'
  if (/[\\^$.|?*+()[\]{}]/.test(letter)) return `\\${letter}`
  return quoted ? letter : letter.toLowerCase()
}
