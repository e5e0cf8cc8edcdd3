import {createReadStream, statSync} from 'node:fs'
import {type FileHandle, open, stat} from 'node:fs/promises'
import type {Readable} from 'node:stream'
import {createGunzip} from 'node:zlib'
import {ConfigurationError, errorCode} from '../errors.js'

/** A file that is being read. */
export interface SqlSource {
  /** The uncompressed bytes. The reader may keep chunks, because they are not reused. */
  chunks: AsyncIterable<Buffer>
  /** The number of bytes of the file that were read so far, for progress. */
  readBytes(): number
}

const chunkSize = 256 * 1024

/**
 * Reads a file; a name that ends with `.gz` means that it is decompressed. The file is opened with the first chunk, and
 * closed when the reader stops.
 * @throws ConfigurationError, from the chunks (`file_missing`, `file_is_folder`, `file_unreadable`, `file_truncated`)
 */
export function openSource(path: string, {regularOnly = false} = {}): SqlSource {
  const counter = {bytes: 0}
  const chunks = /\.gz$/i.test(path) ? gunzip(path, counter) : plainFile(path, regularOnly, counter)
  return {chunks, readBytes: () => counter.bytes}
}

async function* plainFile(path: string, regularOnly: boolean, counter: {bytes: number}): AsyncGenerator<Buffer> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  // Reads the next chunk while the reader uses this one.
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

/** The size of the file, compressed or not; 0 if it is not known. */
export async function fileSize(path: string): Promise<number> {
  return stat(path).then(
    (stats) => (stats.isFile() ? stats.size : 0),
    () => 0,
  )
}

/** In zlib, Z_BUF_ERROR means that the file is cut off, and Z_DATA_ERROR that it is not valid. */
function damaged(path: string, error: unknown): ConfigurationError {
  switch (errorCode(error)) {
    case 'Z_BUF_ERROR':
      return bad(path, 'is cut off', 'file_truncated', 'Get the file again. To check it: gzip -t', error)
    case 'Z_DATA_ERROR':
      return bad(
        path,
        'is not a gzip file, or is damaged',
        'file_damaged',
        'Get the file again. To check it: gzip -t',
        error,
      )
    default:
      return unreadable(path, error)
  }
}

/**
 * Checks that a file is there, before anything else is done.
 * @throws ConfigurationError (`file_missing`, `file_is_folder`)
 */
export function requireFile(path: string): void {
  const stats = statSync(path, {throwIfNoEntry: false})
  if (stats === undefined) throw unreadable(path, {code: 'ENOENT'})
  if (stats.isDirectory()) throw unreadable(path, {code: 'EISDIR'})
}

function unreadable(path: string, error: unknown): ConfigurationError {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return bad(
        path,
        'does not exist',
        'file_missing',
        'Check the path, or omit --file to use the nearest sql/ folder.',
        error,
      )
    case 'EISDIR':
      return bad(path, 'is a folder, not a SQL file', 'file_is_folder', 'Use --file with a file in it.', error)
    default:
      return bad(
        path,
        `cannot be read (${errorCode(error) ?? 'unknown reason'})`,
        'file_unreadable',
        'Give this user permission to read it.',
        error,
      )
  }
}

function bad(path: string, problem: string, code: string, next: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(`${path} ${problem}.`, {code, next: [next], details: {file: path}, cause})
}
