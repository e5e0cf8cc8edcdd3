/** A parsed psql command. */
export type PsqlLine =
  | {kind: 'restrict' | 'unrestrict'; key: string}
  /** `relative` means relative to the including file (`\ir`); otherwise the working folder is tried first. */
  | {kind: 'include'; path: string; relative: boolean}
  | {kind: 'echo'; text: string}
  | {kind: 'stopOnError'}
  | {kind: 'connect'; database?: string; user?: string}
  | {kind: 'copy'; statement: string; path: string}
  /** Any other command; `instead` says what to write. If nothing else does the same, the file needs psql. */
  | {kind: 'unsupported'; name: string; instead: string; needsPsql?: true}

const includes = new Set(['i', 'ir', 'include', 'include_relative'])
const onValues = new Set(['', 'on', '1', 'true', 'yes', 't', 'y'])

const instead: Readonly<Record<string, string>> = {
  ';': 'Write ; without the backslash.',
  ':': 'Write : without the backslash.',
  '!': 'Run the shell command before or after the file.',
  '.': 'Remove the line, because no COPY … FROM STDIN is open here.',
  set: 'Write the value into the statements. Only \\set ON_ERROR_STOP on is supported.',
  unset: 'Remove the line, because a file always stops at its first error.',
  copy: "Use \\copy table from 'file', or COPY table FROM STDIN with the data after it.",
  encoding: 'Save the file as UTF-8 and remove the line.',
  q: 'End the file here.',
  quit: 'End the file here.',
}
const groups: [RegExp, string][] = [
  [/^(g|gx|gset|gexec|gdesc|watch|crosstabview|bind|parse|p|r|w|e)$/, 'End the statement with ; and remove the line.'],
  [/^(if|elif|else|endif)$/, 'Write the condition in a DO block, or use one file for each case.'],
  [
    /^(timing|pset|x|t|a|f|C|H|T|o|out|qecho|warn|d.*|l|z|s|conninfo|h|help|\?)$/,
    'Remove the line, because it changes only what psql prints.',
  ],
]

/** Parses a psql command. Arguments are split and unquoted as in psql (psqlscanslash.l). */
export function parsePsqlLine(line: string): PsqlLine {
  const text = line.replace(/[\r\n]+$/, '')
  const name = /^\\([^\s\\]*)/.exec(text)?.[1] ?? ''
  const rest = text.slice(name.length + 1)
  if (name === 'copy') return parseCopy(rest) ?? unsupported(name)
  const cut = cutArguments(rest)
  if (cut === undefined)
    return {
      kind: 'unsupported',
      name,
      instead: 'Write one psql command on a line, without backquotes, and close all quotes.',
    }
  const stripped = cut.map((argument) => argument.replace(/;+$/, ''))
  const [first] = stripped
  if (includes.has(name) && first)
    return {kind: 'include', path: first, relative: name.endsWith('r') || name.endsWith('relative')}
  switch (name) {
    case 'restrict':
    case 'unrestrict':
      return first ? {kind: name, key: first} : unsupported(name)
    case 'echo':
      return {kind: 'echo', text: (cut[0] === '-n' ? cut.slice(1) : cut).join(' ')}
    case 'set':
      return cut[0] === 'ON_ERROR_STOP' && onValues.has((cut[1] ?? '').toLowerCase())
        ? {kind: 'stopOnError'}
        : unsupported(name)
    case 'c':
    case 'connect':
      return parseConnect(stripped) ?? unsupported(name)
    default:
      return unsupported(name)
  }
}

function unsupported(name: string): PsqlLine {
  const advice =
    instead[name] ?? instead[name.charAt(0) === ';' ? ';' : ''] ?? groups.find(([pattern]) => pattern.test(name))?.[1]
  return advice === undefined
    ? {kind: 'unsupported', name, instead: 'Remove the line, or run the file with psql.', needsPsql: true}
    : {kind: 'unsupported', name, instead: advice}
}

/** The unquoted arguments of a psql command; undefined if a quote is open, or for backquotes or a second command. */
export function cutArguments(text: string): string[] | undefined {
  const found: string[] = []
  const pattern = /\s*((?:'(?:''|\\.|[^'\\])*'|"[^"]*"|[^\s'"`\\])+)|\s*(\\\\)?\s*$/gy
  for (;;) {
    const match = pattern.exec(text)
    if (!match) return undefined
    if (match[1] === undefined) return found
    // Inside double quotes, a single quote is an ordinary character.
    found.push(
      match[1].replace(/"[^"]*"|'((?:''|\\.|[^'\\])*)'/g, (whole: string, inner?: string) =>
        inner === undefined ? whole : unescape(inner),
      ),
    )
  }
}

const escapes: Readonly<Record<string, string>> = {n: '\n', t: '\t', b: '\b', r: '\r', f: '\f'}

function unescape(inner: string): string {
  return inner.replace(/''|\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)/g, (whole: string, code?: string) => {
    if (code === undefined) return whole === "''" ? "'" : whole
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
    if (/^x./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return escapes[code] ?? code
  })
}

/** `\connect database user`, where `-` keeps the value; also `-reuse-previous=on "dbname='…'"`, as pg_dump --create writes it. */
function parseConnect(values: string[]): PsqlLine | undefined {
  const reuse = values[0]?.startsWith('-reuse-previous=')
  const [name, user, ...more] = (reuse ? values.slice(1) : values).map(unquoteName)
  if (more.some((value) => value !== '-')) return undefined
  const chosen = (value: string | undefined) => (value === undefined || value === '-' ? undefined : value)
  const conninfo = /^dbname='((?:\\.|[^'\\])*)'$/.exec(name ?? '')?.[1]?.replace(/\\(.)/g, '$1')
  return {kind: 'connect', database: conninfo ?? chosen(name), user: chosen(user)}
}

function unquoteName(value: string): string {
  return /^".*"$/.test(value) ? value.slice(1, -1).replaceAll('""', '"') : value
}

/** Converts `\copy table [(columns)] from 'file' [options]` to COPY … FROM STDIN, like psql (parse_slash_copy). */
function parseCopy(rest: string): PsqlLine | undefined {
  const tokens = rest.match(/"(?:[^"]|"")*"|'(?:[^']|'')*'|[()]|[^\s"'()]+|\s+/g) ?? []
  let depth = 0
  const from = tokens.findIndex((token) => {
    depth += token === '(' ? 1 : token === ')' ? -1 : 0
    return depth === 0 && /^(from|to)$/i.test(token)
  })
  if (from < 1 || tokens[from]?.toLowerCase() === 'to') return undefined
  const [blank, file = '', ...options] = tokens.slice(from + 1)
  if (blank?.trim() !== '' || /^(stdin|pstdin|program|)$/i.test(file)) return undefined
  const path = file.startsWith("'") ? file.slice(1, -1).replaceAll("''", "'") : file
  const tail = options.join('').replace(/[\s;]+$/, '')
  return {kind: 'copy', statement: `COPY ${tokens.slice(0, from).join('').trim()} FROM STDIN${tail}`, path}
}
