import {existsSync, realpathSync} from 'node:fs'
import {stat} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'
import {CruddurError, errorCode, InterruptedError} from '../errors.js'
import {type Loss, lossesOf} from './losses.js'
import type {BufferPiece} from './pieces.js'
import {parsePsqlLine} from './psql-line.js'
import {openSource} from './source.js'
import {SqlSplitter} from './splitter.js'
import type {ScriptInput} from './sql-file.js'

export interface ScanOptions {
  /** The base of paths in `\i`. */
  cwd: string
  signal?: AbortSignal
}

/** First letters of CREATE, DO, DROP and TRUNCATE. CREATE counts, because psql's scanner may end a function body too late. */
const dangerous = /[cdt]/i

/**
 * Finds what these files and the files that they include drop or truncate. A pipe cannot be read twice, so it counts as
 * `anything`. The scan ends at the first error, which the run will report.
 * @throws InterruptedError
 */
export async function lossesIn(inputs: readonly ScriptInput[], options: ScanOptions): Promise<Loss[]> {
  const scan = new Scan(options)
  try {
    for (const {path, table} of inputs) if (table === undefined) await scan.file({path, above: []})
  } catch (error) {
    if (error instanceof InterruptedError) throw error
    if (!(error instanceof CruddurError) && errorCode(error) === undefined) throw error
  }
  return scan.losses
}

interface ScannedFile {
  path: string
  /** The real paths of the including files. */
  above: readonly string[]
}

class Scan {
  readonly losses: Loss[] = []
  private standardStrings = true

  constructor(private readonly options: ScanOptions) {}

  async file({path, above}: ScannedFile): Promise<void> {
    const stats = await stat(path)
    if (!stats.isFile() && !stats.isDirectory()) {
      this.losses.push({kind: 'anything'})
      return
    }
    const own = realpathSync(path)
    if (above.includes(own)) return
    const splitter = new SqlSplitter({file: path, standardConformingStrings: this.standardStrings})
    const take = async (pieces: BufferPiece[]): Promise<void> => {
      for (const piece of pieces) {
        if (piece.kind === 'statement') this.statement(piece, splitter.standardConformingStrings)
        else if (piece.kind === 'psql') await this.include(piece, splitter, {path, above: [...above, own]})
      }
    }
    for await (const chunk of openSource(path).chunks) {
      if (this.options.signal?.aborted) throw new InterruptedError(this.options.signal.reason)
      await take(splitter.push(chunk))
    }
    await take(splitter.end())
    this.standardStrings = splitter.standardConformingStrings
  }

  private statement({buffer, from, start, bytes}: BufferPiece, standardStrings: boolean): void {
    if (dangerous.test(String.fromCharCode(buffer[from + start] ?? 0)))
      this.losses.push(...lossesOf(bytes.toString(), standardStrings))
  }

  private async include(piece: BufferPiece, splitter: SqlSplitter, {path: from, above}: ScannedFile): Promise<void> {
    const line = parsePsqlLine(piece.bytes.toString('utf8', piece.start))
    if (line.kind !== 'include') return
    const beside = resolve(dirname(from), line.path)
    const found = line.relative
      ? beside
      : [resolve(this.options.cwd, line.path), beside].find((path) => existsSync(path))
    this.standardStrings = splitter.standardConformingStrings
    await this.file({path: found ?? beside, above})
    splitter.standardConformingStrings = this.standardStrings
  }
}
