import {existsSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {isAbsolute, join, relative, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {ConfigurationError, errorCode} from '../errors.js'

/** A place in a text file; line and column count from 1, the column in characters. */
export interface Place {
  file: string
  line: number
  column: number
  /** The line's text. */
  text: string
}

const packagedFolder = fileURLToPath(new URL('../../../sql/', import.meta.url))

/**
 * Finds the SQL file to run: `chosen`, else `name` in the nearest `sql` folder of `folders`, else the packaged one.
 * `folders` are looked through in order.
 */
export function findSqlFile(name: string, folders: string[], chosen?: string): string {
  if (chosen !== undefined) return resolve(folders[0] ?? '.', chosen)
  const candidates = folders.map((folder) => join(folder, 'sql', name))
  return candidates.find((path) => existsSync(path)) ?? join(packagedFolder, name)
}

/** A path as people write it: relative to `cwd` where it lies below. */
export function displayPath(path: string, cwd: string): string {
  const fromHere = relative(cwd, path)
  return fromHere === '' || fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere
}

/**
 * Reads a SQL file whole, without its byte-order mark.
 * @throws ConfigurationError (`file_missing`, `file_is_folder`, `file_unreadable`, `file_not_utf8`, `file_empty`)
 */
export async function readSqlFile(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  const text = decode(path, bytes)
  if (text.trim() === '') throw bad(path, 'is empty', 'file_empty', 'Write the SQL into it, or choose another file with --file.')
  return text
}

/** The place of the character at `offset` (from 0, in UTF-16 units). */
export function placeAt(file: string, text: string, offset: number): Place {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', offset)
  return {
    file,
    line: text.slice(0, start).split('\n').length,
    column: [...text.slice(start, offset)].length + 1,
    text: text.slice(start, end === -1 ? undefined : end).replace(/\r$/, ''),
  }
}

/** The UTF-16 offset of the server's `position`, which counts characters from 1. */
export function offsetOfPosition(text: string, position: number): number {
  let offset = 0
  for (let character = 1; character < position && offset < text.length; character += 1) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
  }

  return offset
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes)
  } catch {
    const valid = new TextDecoder().decode(bytes)
    const line = valid.slice(0, Math.max(0, valid.indexOf('\uFFFD'))).split('\n').length
    throw bad(path, `is not UTF-8: line ${line} has a byte that cannot be read`, 'file_not_utf8', 'Save it as UTF-8.')
  }
}

function unreadable(path: string, error: unknown): ConfigurationError {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return bad(path, 'does not exist', 'file_missing', 'Check the path, or leave --file out to use the nearest sql/ folder.')
    case 'EISDIR':
      return bad(path, 'is a folder, not a SQL file', 'file_is_folder', 'Name a file in it with --file.')
    default:
      return bad(path, `cannot be read (${errorCode(error) ?? 'unknown reason'})`, 'file_unreadable', 'Make it readable for this user.')
  }
}

function bad(path: string, problem: string, code: string, next: string): ConfigurationError {
  return new ConfigurationError(`${path} ${problem}.`, {code, next: [next], details: {file: path}})
}
