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
  /** Go on in another database. `unsure` means that the name, or whether the command is run, is not known. */
  | {kind: 'connect'; to: ConnectTo; unsure?: true}
  | {kind: 'encoding'; name: string}
  | {kind: 'quit'}
  /** A command that only shows something, or changes how results are shown. */
  | {kind: 'display'; name: string; args: string[]; text: string}
  /** `form` means that only the way it is written is not supported. */
  | {kind: 'unsupported'; name: string; instead: string; form?: true}
  /** A command that is wrong as it stands. */
  | {kind: 'wrong'; message: string; next: string}

/** Where `\connect` leads. What is undefined stays as it is. */
export interface ConnectTo {
  database?: string | undefined
  user?: string | undefined
  host?: string | undefined
  port?: string | undefined
}
