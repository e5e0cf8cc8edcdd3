import type {Asked} from './command.js'
import {withHome} from './home.js'
import {copyRefused} from './refused.js'

/** `\copy` as COPY … FROM STDIN or TO STDOUT, with the file; without one, the data follow in the text, or go to stdout. */
export type CopyLine = ({statement: string; path: string | undefined} & {out?: true}) | {refused: 'program' | 'syntax'}

/** Converts `\copy table [(columns)] from|to 'file' [options]` to COPY, like psql (parse_slash_copy). */
export function parseCopy(rest: string): CopyLine {
  const tokens = rest.match(/"(?:[^"]|"")*"|'(?:[^']|'')*'|[()]|[^\s"'()]+|\s+/g) ?? []
  let depth = 0
  const from = tokens.findIndex((token) => {
    depth += token === '(' ? 1 : token === ')' ? -1 : 0
    return depth === 0 && /^(from|to)$/i.test(token)
  })
  if (from < 1) return {refused: 'syntax'}
  const out = tokens[from]?.toLowerCase() === 'to'
  const [blank, file = '', ...options] = tokens.slice(from + 1)
  if (/^program$/i.test(file)) return {refused: 'program'}
  if (blank?.trim() !== '' || /^(pstdin|)$/i.test(file)) return {refused: 'syntax'}
  const quoted = file.startsWith("'")
  const path = quoted ? file.slice(1, -1).replaceAll("''", "'") : file
  const tail = options.join('').replace(/[\s;]+$/, '')
  const bare = path.replace(/;+$/, '')
  return {
    statement: `COPY ${tokens.slice(0, from).join('').trim()} ${out ? 'TO STDOUT' : 'FROM STDIN'}${tail}`,
    path: quoted ? path : /^std(in|out)$/i.test(bare) ? undefined : bare,
    ...(out && {out}),
  }
}

/** Reads the rest of the line after `\\copy`. */
export function readCopy(rest: string): Asked {
  const line = parseCopy(rest)
  if ('refused' in line)
    return {kind: 'unsupported', name: 'copy', args: [], text: rest, instead: copyRefused[line.refused], form: true}
  const {statement, path, out} = line
  return {kind: out ? 'copyOut' : 'copy', statement, path: path === undefined ? undefined : withHome(path)}
}
