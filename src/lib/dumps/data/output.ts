import {once} from 'node:events'
import type {FileHandle} from 'node:fs/promises'
import {pipeline, Writable} from 'node:stream'
import {ConfigurationError} from '../../errors.js'
import {compressorFor} from '../../sql-files/compression.js'
import {unwritable} from '../output-file.js'

/** Receives the text of a dump. */
export interface DumpOutput {
  /** Takes a part. A promise means that the next part is to wait. */
  write(part: Buffer | string): Promise<void> | undefined
  /** Resolves when everything is written. @returns the number of bytes, compressed if the file is */
  end(): Promise<number>
}

/** So much waits for the disk at most, and as much for compression. */
const waitingBytes = 1024 * 1024

/** Writes to a file, which is compressed if its name says so. */
export class FileOutput implements DumpOutput {
  private readonly first: Writable
  private bytes = 0
  private readonly done: Promise<void>
  private failure: {error: unknown} | undefined

  constructor(handle: FileHandle, path: string) {
    const compressor = compressorFor(path)
    const file = this.streamTo(handle)
    this.first = compressor ?? file
    this.done = new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => {
        if (!error) return resolve()
        this.failure = {error: unwritable(path, error)}
        reject(this.failure.error as Error)
      }
      if (compressor !== undefined) pipeline(compressor, file, settle)
      else file.once('error', settle).once('finish', () => settle())
    })
    this.done.catch(() => undefined)
  }

  write(part: Buffer | string): Promise<void> | undefined {
    if (this.failure !== undefined) return Promise.reject(this.failure.error as Error)
    if (this.first.write(part)) return undefined
    return Promise.race([once(this.first, 'drain').then(() => undefined), this.done])
  }

  async end(): Promise<number> {
    this.first.end()
    await this.done
    return this.bytes
  }

  /** Writes together what has come meanwhile. The handle is closed by the caller. */
  private streamTo(handle: FileHandle): Writable {
    const write = (parts: Buffer[], done: (error?: Error) => void): void => {
      writeAll(handle, parts).then((bytes) => {
        this.bytes += bytes
        done()
      }, done)
    }
    return new Writable({
      highWaterMark: waitingBytes,
      write: (part: Buffer, _encoding, done) => write([part], done),
      writev: (parts, done) =>
        write(
          parts.map(({chunk}) => chunk as Buffer),
          done,
        ),
    })
  }
}

/** A write may be short, for example just before the disk is full. */
async function writeAll(handle: FileHandle, parts: Buffer[]): Promise<number> {
  const size = parts.reduce((sum, {length}) => sum + length, 0)
  const {bytesWritten} = await handle.writev(parts)
  if (bytesWritten < size) await handle.writeFile(Buffer.concat(parts).subarray(bytesWritten))
  return size
}

/** Writes to stdout. */
export class StreamOutput implements DumpOutput {
  private bytes = 0
  private failure: ConfigurationError | undefined

  constructor(private readonly stream: Writable) {}

  write(part: Buffer | string): Promise<void> | undefined {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    this.bytes += Buffer.byteLength(part)
    return new Promise((resolve, reject) => {
      this.stream.write(part, (error) => {
        if (!error) return resolve()
        this.failure = new ConfigurationError('The output was closed before the dump was complete.', {
          code: 'output_failed',
          next: ['To write a file: --file'],
          cause: error,
        })
        reject(this.failure)
      })
    })
  }

  end(): Promise<number> {
    return Promise.resolve(this.bytes)
  }
}
