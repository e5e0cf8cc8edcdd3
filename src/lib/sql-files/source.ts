import {createReadStream} from 'node:fs'
import {type FileHandle, open, stat} from 'node:fs/promises'
import type {Readable} from 'node:stream'
import {createGunzip} from 'node:zlib'
import {ConfigurationError, errorCode} from '../errors.js'

/** A file that is being read. */
export interface Source {
  /** Its bytes, unpacked. A chunk is the reader's: it is not written to again. */
  chunks: AsyncIterable<Buffer>
  /** How many bytes of the file itself were read so far: what progress is measured by. */
  readBytes(): number
}

const chunkSize = 256 * 1024

/**
 * Opens a file for reading from beginning to end; one whose name ends in `.gz` is unpacked. Nothing happens before the
 * first chunk is asked for, and the file is closed when the reader stops.
 * @throws ConfigurationError, from the chunks (`file_missing`, `file_is_folder`, `file_unreadable`, `file_truncated`)
 */
export function openSource(path: string, {regularOnly = false} = {}): Source {
  const counter = {bytes: 0}
  const chunks = path.endsWith('.gz') ? gunzip(path, counter) : plain(path, regularOnly, counter)
  return {chunks, readBytes: () => counter.bytes}
}

async function* plain(path: string, regularOnly: boolean, counter: {bytes: number}): AsyncGenerator<Buffer> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  // The next chunk is read while this one is worked on.
  let next: Promise<Buffer> | undefined
  try {
    const stats = await file.stat()
    if (stats.isDirectory()) throw unreadable(path, {code: 'EISDIR'})
    if (regularOnly && !stats.isFile()) return
    next = readChunk(file, path)
    for (;;) {
      const chunk = await next
      if (chunk.length === 0) return
      counter.bytes += chunk.length
      next = readChunk(file, path)
      next.catch(() => undefined)
      yield chunk
    }
  } finally {
    await next?.catch(() => undefined)
    await file.close()
  }
}

async function readChunk(file: FileHandle, path: string): Promise<Buffer> {
  try {
    const {buffer, bytesRead} = await file.read(Buffer.allocUnsafeSlow(chunkSize), 0, chunkSize, null)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    throw unreadable(path, error)
  }
}

async function* gunzip(path: string, counter: {bytes: number}): AsyncGenerator<Buffer> {
  const packed = createReadStream(path)
  const unpacked = createGunzip({chunkSize})
  packed.on('data', (chunk) => (counter.bytes += chunk.length))
  packed.on('error', (error) => unpacked.destroy(error))
  try {
    for await (const chunk of packed.pipe(unpacked) as Readable & AsyncIterable<Buffer>) yield chunk
  } catch (error) {
    throw damaged(path, error)
  } finally {
    packed.destroy()
    unpacked.destroy()
  }
}

/** The size of the file itself, packed or not; 0 where it is not known. */
export async function fileSize(path: string): Promise<number> {
  return stat(path).then(
    (stats) => (stats.isFile() ? stats.size : 0),
    () => 0,
  )
}

/** Z_BUF_ERROR is zlib's word for an end in the middle; Z_DATA_ERROR for bytes that gzip has not written. */
function damaged(path: string, error: unknown): ConfigurationError {
  switch (errorCode(error)) {
    case 'Z_BUF_ERROR':
      return bad(
        path,
        'ends in the middle: it was cut short',
        'file_truncated',
        'Get it whole again; gzip -t checks it.',
        error,
      )
    case 'Z_DATA_ERROR':
      return bad(path, 'is not a gzip file, or was damaged', 'file_damaged', 'Get it again; gzip -t checks it.', error)
    default:
      return unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): ConfigurationError {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return bad(
        path,
        'does not exist',
        'file_missing',
        'Check the path, or leave --file out to use the nearest sql/ folder.',
        error,
      )
    case 'EISDIR':
      return bad(path, 'is a folder, not a SQL file', 'file_is_folder', 'Name a file in it with --file.', error)
    default:
      return bad(
        path,
        `cannot be read (${errorCode(error) ?? 'unknown reason'})`,
        'file_unreadable',
        'Make it readable for this user.',
        error,
      )
  }
}

function bad(path: string, problem: string, code: string, next: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(`${path} ${problem}.`, {code, next: [next], details: {file: path}, cause})
}
