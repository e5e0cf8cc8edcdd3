/** Schema and name of a psql pattern, as regular expressions for Postgres. Undefined matches all. */
export interface NamePattern {
  schema?: string
  name?: string
}

/**
 * Parses a pattern like psql (https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-PATTERNS): `*` matches any
 * characters and `?` one, a dot separates schema and name, text outside double quotes becomes lower case, and the rest of a
 * regular expression is one.
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
    else parts.push(`${parts.pop()}${expression(letter, quoted, text.charAt(at + 1))}`)
  }

  const [name, schema] = parts.reverse()
  const whole = (part: string | undefined): string | undefined =>
    part === undefined || part === '' || part === '.*' ? undefined : `^(${part})$`
  return {schema: whole(schema) ?? (schema === undefined ? undefined : '^(.*)$'), name: whole(name)}
}

function expression(letter: string, quoted: boolean, next: string): string {
  if (letter === '$') return '\\$'
  if (quoted) return /[\\^|.?*+()[\]{}]/.test(letter) ? `\\${letter}` : letter
  if (letter === '*') return '.*'
  if (letter === '?') return '.'
  // An array type, for example.
  if (letter === '[' && next === ']') return '\\['
  return letter.toLowerCase()
}
