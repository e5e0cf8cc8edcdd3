import {open, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {ConfigurationError} from '../errors.js'
import {compressionOf} from './compression.js'
import {openSource} from './source.js'

/** The first lines of what pg_dump and pg_dumpall write. */
const head = /^--\s+-- PostgreSQL database (?:cluster )?dump\s/
const closing = /^-- PostgreSQL database (?:cluster )?dump complete\s*$/m
const headBytes = 512
/** After its closing line, pg_dump writes `\unrestrict` and blank lines. */
const tailBytes = 4096

/** Where the header of a tar archive has its signature. */
const tarSignature = {text: 'ustar', at: 257}

/**
 * Checks a dump before anything else is done: that it is SQL, and that it is complete, which is known now only of a file
 * that is not compressed.
 * @throws ConfigurationError (`dump_not_sql`, `dump_incomplete`, and those of reading)
 */
export async function checkDump(path: string): Promise<void> {
  const toc = await stat(join(path, 'toc.dat')).catch(() => undefined)
  if (toc !== undefined) throw notSql(path, 'directory')
  for await (const first of openSource(path, {regularOnly: true}).chunks) {
    refuseOtherFormats(first, path)
    if (compressionOf(path) === undefined) refuseCut(first, await lastBytes(path), path)
    return
  }
}

/**
 * Passes the parts of a file on, and fails if it is not SQL but an archive of pg_dump, or, for a dump, if it is cut off.
 * @throws ConfigurationError (`dump_not_sql`, `dump_incomplete`)
 */
export async function* checkedChunks(
  chunks: AsyncIterable<Buffer>,
  name: string,
  isDump = false,
): AsyncGenerator<Buffer> {
  let first: Buffer | undefined
  let tail = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (first === undefined) {
      refuseOtherFormats(chunk, name)
      first = Buffer.from(chunk.subarray(0, headBytes))
    }
    if (isDump) tail = Buffer.concat([tail, chunk.subarray(-tailBytes)]).subarray(-tailBytes)
    yield chunk
  }
  if (isDump && first !== undefined) refuseCut(first, tail, name)
}

function refuseOtherFormats(first: Buffer, name: string): void {
  if (first.toString('latin1', 0, 5) === 'PGDMP') throw notSql(name, 'custom')
  const {text, at} = tarSignature
  if (first.toString('latin1', at, at + text.length) === text) throw notSql(name, 'tar')
}

function refuseCut(first: Buffer, tail: Buffer, name: string): void {
  if (!head.test(first.toString('latin1', 0, headBytes)) || closing.test(tail.toString('latin1'))) return
  throw new ConfigurationError(`${name} is cut off: it has no closing line of pg_dump. Nothing was changed.`, {
    code: 'dump_incomplete',
    next: ['Get the file again, or make the dump again.'],
    details: {file: name},
  })
}

function notSql(name: string, format: 'custom' | 'directory' | 'tar'): ConfigurationError {
  const what = format === 'tar' ? 'a tar archive' : `a dump in pg_dump's ${format} format`
  return new ConfigurationError(`${name} is ${what}, not SQL. Nothing was changed.`, {
    code: 'dump_not_sql',
    next: [`To turn a dump into SQL: pg_restore -f dump.sql ${name}`],
    details: {file: name, format},
  })
}

async function lastBytes(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const {size} = await file.stat()
    const start = Math.max(0, size - tailBytes)
    const {buffer, bytesRead} = await file.read(Buffer.alloc(tailBytes), 0, tailBytes, start)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
