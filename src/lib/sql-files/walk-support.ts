import {stat} from 'node:fs/promises'
import {ConfigurationError, SqlError} from '../errors.js'
import {decoderOf} from '../sql-text/encodings.js'
import {scriptError} from '../sql-text/faults.js'
import type {BufferPiece} from '../sql-text/pieces.js'
import type {Command} from '../sql-text/psql/command.js'
import {refusedInFile} from '../sql-text/psql/refused.js'
import {advance} from '../sql-text/search.js'
import type {ScriptFile} from './batch.js'
import type {Place} from './place.js'
import {placeOf} from './statement-failure.js'

export function emptyFile({name}: ScriptFile): ConfigurationError {
  return new ConfigurationError(`${name} is empty.`, {
    code: 'file_empty',
    next: ['Write SQL into it, or choose another file with --file.'],
    details: {file: name},
  })
}

export function lastLine(piece: BufferPiece): number {
  const at = {line: piece.line, column: 1}
  advance(at, piece.bytes, piece.start, piece.bytes.length)
  return at.line
}

/** Adds the text of the line to an error with a location, by reading the file again. */
export async function completeStatement(error: unknown, script: ScriptFile): Promise<unknown> {
  if (!(error instanceof SqlError || error instanceof ConfigurationError)) return error
  const {message, code, next, details, cause} = error
  const place = details['place'] as Place | undefined
  if (place?.file !== script.name || place.text !== '') return error
  const options = {code, next: [...next], details: {...details, place: await placeOf(script, place)}, cause}
  return error instanceof SqlError ? new SqlError(message, options) : new ConfigurationError(message, options)
}

/** Whether a file can be read only once. */
export async function isStream(path: string): Promise<boolean> {
  const stats = await stat(path)
  return !stats.isFile() && !stats.isDirectory()
}

export function refusal(script: ScriptFile, piece: BufferPiece, message: string, next: string): SqlError {
  return scriptError('script_psql_command', message, script.name, piece, next)
}

/** @throws SqlError (`script_psql_command`) for an encoding that cannot be read */
export function refuseEncoding(name: string, script: ScriptFile, piece: BufferPiece): void {
  if (decoderOf(name) !== undefined) return
  throw refusal(script, piece, `The encoding ${name} is not supported.`, 'Save the file as UTF-8 and remove the line.')
}

/** @throws SqlError for a command that is wrong, or that only a shell carries out */
export function refuse(command: Command, script: ScriptFile): void {
  const refused = refusedInFile(command)
  if (refused !== undefined) throw refusal(script, command.piece, ...refused)
}
