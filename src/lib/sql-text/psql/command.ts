import type {BufferPiece} from '../pieces.js'

/** What a psql command asks its reader for. `piece` is the command in the text. */
export type Command = {piece: BufferPiece} & Asked

export type Asked =
  /** Run a statement, and show its rows, as records for `\gx`. */
  | {kind: 'send'; query: BufferPiece; records: boolean}
  /** Run a statement, and keep its one row in variables whose names begin with the prefix. */
  | {kind: 'gset'; query: BufferPiece; prefix: string}
  /** Run a statement, and then each of its values as a statement. */
  | {kind: 'gexec'; query: BufferPiece}
  /** `relative` means relative to the including file (`\ir`); otherwise the working folder is tried first. */
  | {kind: 'include'; path: string; relative: boolean}
  /** Copy the rows of a file into a table, or without a path those that follow in the text. */
  | {kind: 'copy'; statement: string; path: string | undefined}
  | {kind: 'print'; text: string; newline: boolean; to: 'output' | 'errors'}
  | {kind: 'connect'; database: string | undefined; user: string | undefined}
  | {kind: 'encoding'; name: string}
  | {kind: 'quit'}
  /** A command that only shows something, or changes how results are shown. */
  | {kind: 'display'; name: string; args: string[]; text: string}
  /** `form` means that only the way it is written is not supported. */
  | {kind: 'unsupported'; name: string; instead: string; form?: true}
  /** A command that is wrong as it stands. */
  | {kind: 'wrong'; message: string; next: string}

/** `\connect database user`, where `-` keeps the value; also `-reuse-previous=on "dbname='…'"`, as pg_dump --create writes it. */
export function readConnect(values: string[]): Asked | undefined {
  const reuse = values[0]?.startsWith('-reuse-previous=')
  const [name, user, ...more] = reuse ? values.slice(1) : values
  if (more.some((value) => value !== '-')) return undefined
  const chosen = (value: string | undefined) => (value === undefined || value === '-' ? undefined : value)
  const conninfo = /^dbname='((?:\\.|[^'\\])*)'$/.exec(name ?? '')?.[1]?.replace(/\\(.)/g, '$1')
  return {kind: 'connect', database: conninfo ?? chosen(name), user: chosen(user)}
}
