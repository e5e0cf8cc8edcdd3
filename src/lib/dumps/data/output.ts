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

/** Parts are collected in blocks, because the server sends 8 kB at a time. While some are written, one is filled. */
const blockBytes = 256 * 1024
const blockCount = 5

/** Writes to a file, which is compressed if its name says so. */
export class FileOutput implements DumpOutput {
  private readonly first: Writable
  private readonly done: Promise<void>
  private readonly free: Buffer[] = []
  private allocated = 0
  private block = this.nextBlock()
  private filled = 0
  private bytes = 0
  private failure: Error | undefined
  private onFree: (() => void) | undefined

  constructor(
    private readonly handle: FileHandle,
    path: string,
  ) {
    const compressor = compressorFor(path)
    const file = new Writable({write: (part: Buffer, _encoding, done) => this.toFile(part, done)})
    this.first = compressor ?? file
    this.done = new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => {
        if (!error) return resolve()
        this.failure = unwritable(path, error) as Error
        reject(this.failure)
      }
      if (compressor !== undefined) pipeline(compressor, file, settle)
      else file.once('error', settle).once('finish', () => settle())
    })
    this.done.catch(() => undefined)
  }

  write(part: Buffer | string): Promise<void> | undefined {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    return this.fill(typeof part === 'string' ? Buffer.from(part) : part)
  }

  async end(): Promise<number> {
    this.first.end(this.block?.subarray(0, this.filled))
    await this.done
    return this.bytes
  }

  /** Copies a part into blocks. Waits only if all of them are being written. */
  private fill(part: Buffer): Promise<void> | undefined {
    let rest = part
    for (;;) {
      const {block} = this
      if (block === undefined) return this.whenFree().then(() => this.fill(rest))
      const copied = rest.copy(block, this.filled)
      this.filled += copied
      rest = rest.subarray(copied)
      if (this.filled < block.length) return undefined
      this.first.write(block, () => {
        this.free.push(block)
        this.onFree?.()
      })
      this.filled = 0
      this.block = this.nextBlock()
    }
  }

  private nextBlock(): Buffer | undefined {
    if (this.free.length > 0) return this.free.pop()
    if (this.allocated === blockCount) return undefined
    this.allocated++
    return Buffer.allocUnsafeSlow(blockBytes)
  }

  private async whenFree(): Promise<void> {
    await Promise.race([new Promise<void>((resolve) => (this.onFree = resolve)), this.done])
    this.onFree = undefined
    if (this.failure !== undefined) throw this.failure
    this.block ??= this.nextBlock()
  }

  /** A write may be short, for example just before the disk is full. */
  private toFile(part: Buffer, done: (error?: Error | null) => void): void {
    this.handle.writeFile(part).then(() => {
      this.bytes += part.length
      done()
    }, done)
  }
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
