/** `\copy` as COPY … FROM STDIN, with the file that has the data; without one, the data follow in the text. */
export type CopyLine = {statement: string; path: string | undefined} | {refused: 'to' | 'program' | 'syntax'}

/** Converts `\copy table [(columns)] from 'file' [options]` to COPY … FROM STDIN, like psql (parse_slash_copy). */
export function parseCopy(rest: string): CopyLine {
  const tokens = rest.match(/"(?:[^"]|"")*"|'(?:[^']|'')*'|[()]|[^\s"'()]+|\s+/g) ?? []
  let depth = 0
  const from = tokens.findIndex((token) => {
    depth += token === '(' ? 1 : token === ')' ? -1 : 0
    return depth === 0 && /^(from|to)$/i.test(token)
  })
  if (from < 1) return {refused: 'syntax'}
  if (tokens[from]?.toLowerCase() === 'to') return {refused: 'to'}
  const [blank, file = '', ...options] = tokens.slice(from + 1)
  if (/^program$/i.test(file)) return {refused: 'program'}
  if (blank?.trim() !== '' || /^(pstdin|)$/i.test(file)) return {refused: 'syntax'}
  const quoted = file.startsWith("'")
  const path = quoted ? file.slice(1, -1).replaceAll("''", "'") : file
  const tail = options.join('').replace(/[\s;]+$/, '')
  const bare = path.replace(/;+$/, '')
  return {
    statement: `COPY ${tokens.slice(0, from).join('').trim()} FROM STDIN${tail}`,
    path: quoted ? path : /^stdin$/i.test(bare) ? undefined : bare,
  }
}
