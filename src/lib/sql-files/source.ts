import {createReadStream, statSync} from 'node:fs'
import {type FileHandle, open, stat} from 'node:fs/promises'
import {Readable} from 'node:stream'
import {ConfigurationError, errorCode} from '../errors.js'
import {type Compression, compressionOf, decompressorFor} from './compression.js'

/** A file that is being read. */
export interface SqlSource {
  /** The uncompressed bytes. The reader may keep chunks, because they are not reused. */
  chunks: AsyncIterable<Buffer>
  /** The number of bytes of the file that were read so far, for progress. */
  readBytes(): number
}

const chunkSize = 256 * 1024

/**
 * Reads a file, which is decompressed if its name ends with `.gz` or `.zst`. The file is opened with the first chunk, and
 * closed when the reader stops.
 * @throws ConfigurationError, from the chunks (`file_missing`, `file_is_folder`, `file_unreadable`, `file_truncated`,
 * `file_damaged`, `zstd_unsupported`)
 */
export function openSource(path: string, {regularOnly = false} = {}): SqlSource {
  const counter = {bytes: 0}
  const compression = compressionOf(path)
  const chunks =
    compression === undefined ? plainFile(path, regularOnly, counter) : decompressed(path, compression, counter)
  return {chunks, readBytes: () => counter.bytes}
}

/** The bytes of a text that is in no file. */
export function sourceOf(content: Buffer): SqlSource {
  return {chunks: Readable.from([content]) as Readable & AsyncIterable<Buffer>, readBytes: () => content.length}
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

async function* decompressed(path: string, compression: Compression, counter: {bytes: number}): AsyncGenerator<Buffer> {
  const unpacked = decompressorFor(path, compression)
  const packed = createReadStream(path)
  packed.on('data', (chunk) => (counter.bytes += chunk.length))
  packed.on('error', (error) => unpacked.destroy(error))
  try {
    for await (const chunk of packed.pipe(unpacked) as Readable & AsyncIterable<Buffer>) yield chunk
  } catch (error) {
    throw damaged(path, compression, error)
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
function damaged(path: string, compression: Compression, error: unknown): ConfigurationError {
  const code = errorCode(error) ?? ''
  const check = `Get the file again. To check it: ${compression} -t`
  if (code === 'Z_BUF_ERROR') return bad(path, 'is cut off', 'file_truncated', check, error)
  if (code === 'Z_DATA_ERROR' || code.startsWith('ZSTD_'))
    return bad(path, `is not a ${compression} file, or is damaged`, 'file_damaged', check, error)
  return unreadable(path, error)
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
