import {existsSync, realpathSync} from 'node:fs'
import {dirname, resolve} from 'node:path'
import {ConfigurationError, SqlError} from '../errors.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {CopyIn} from '../postgres/wire/script-wire.js'
import type {Queued, ScriptFile} from './batch.js'
import {csvFailure, readCsv} from './csv.js'
import {scriptError} from './faults.js'
import {type BufferPiece, madeUp} from './pieces.js'
import type {Place} from './place.js'
import {parsePsqlLine, type PsqlLine} from './psql-line.js'
import {advance} from './search.js'
import {openSource} from './source.js'
import {SqlSplitter} from './splitter.js'
import type {ScriptInput} from './sql-file.js'
import {displayPath} from './sql-file.js'
import {placeOf} from './statement-failure.js'

/** Receives the statements and the data of the files. */
export interface StatementSink {
  /** Receives a statement. Returns a promise only if the walk must wait before the next one. */
  add(queued: Queued): Promise<void> | undefined
  /** Receives a COPY … FROM STDIN whose data begins at that line. */
  copy(queued: Queued, data: {script: ScriptFile; line: number}): Promise<CopyIn>
}

export interface WalkOptions {
  cwd: string
  /** The name of the database in the files. */
  database?: string
  echo: (text: string) => void
  /** Called with the number of bytes that were read so far. */
  progress: (bytes: number) => void
}

/** Reads files, executes their psql commands, and passes statements and data to the sink. */
export class ScriptWalk {
  /** The size of all finished files, without included ones. */
  bytes = 0
  private readonly stack: ScriptFile[] = []
  private standardStrings = true
  private restrictKey: string | undefined
  private openCopy: CopyIn | undefined

  constructor(
    private readonly client: PostgresClient,
    private readonly sink: StatementSink,
    private readonly options: WalkOptions,
  ) {}

  /** Runs one file. The sink may not be finished when this resolves. */
  async run(input: ScriptInput): Promise<void> {
    const script = {path: input.path, name: displayPath(input.path, this.options.cwd), includedFrom: []}
    try {
      if (input.table) await this.csv(script, input.table)
      else await this.file(script)
    } catch (error) {
      await this.openCopy?.fail('the file cannot be read to its end')
      throw error
    }
  }

  private async file(script: ScriptFile): Promise<void> {
    this.stack.push(script)
    const splitter = new SqlSplitter({file: script.name, standardConformingStrings: this.standardStrings})
    const source = openSource(script.path)
    const outermost = this.stack.length === 1
    let empty = true
    try {
      for await (const chunk of source.chunks) {
        const pieces = splitter.push(chunk)
        empty &&= /^(\xef\xbb\xbf)?\s*$/.test(chunk.toString('latin1'))
        await this.take(pieces, script, splitter)
        if (outermost) this.options.progress(this.bytes + source.readBytes())
      }
      await this.take(splitter.end(), script, splitter)
    } catch (error) {
      throw await complete(error, script)
    }
    if (outermost) this.bytes += source.readBytes()
    if (outermost && empty) throw emptyFile(script)
    this.standardStrings = splitter.standardConformingStrings
    this.stack.pop()
  }

  private async take(pieces: BufferPiece[], script: ScriptFile, splitter: SqlSplitter): Promise<void> {
    for (const piece of pieces) {
      const wait = this.takeOne(piece, script, splitter)
      if (wait) await wait
    }
  }

  private takeOne(piece: BufferPiece, script: ScriptFile, splitter: SqlSplitter): Promise<void> | undefined {
    switch (piece.kind) {
      case 'statement':
        if (piece.statement === 'copy') return this.startCopy({piece, script}, {script, line: lastLine(piece) + 1})
        return this.sink.add({piece, script})
      case 'copyData':
        return this.openCopy?.write(piece.bytes)
      case 'copyEnd':
        return this.endCopy()
      case 'psql':
        return this.psqlLine(piece, script, splitter)
      case 'blank':
        return undefined
    }
  }

  private async startCopy(queued: Queued, data: {script: ScriptFile; line: number}): Promise<void> {
    this.openCopy = await this.sink.copy(queued, data)
  }

  private async endCopy(): Promise<void> {
    const copy = this.openCopy
    this.openCopy = undefined
    await copy?.end()
  }

  private async psqlLine(piece: BufferPiece, script: ScriptFile, splitter: SqlSplitter): Promise<void> {
    const line = parsePsqlLine(piece.bytes.toString('utf8', piece.start))
    const refuse = (message: string, next: string, details?: {needsPsql?: true}) =>
      scriptError('script_psql_command', message, script.name, piece, next, details)
    if (!piece.complete)
      throw refuse('A psql command is in the middle of a statement.', 'End the statement with ; before it.')
    if (this.restrictKey !== undefined && line.kind !== 'unrestrict')
      throw refuse(
        'Between \\restrict and \\unrestrict, psql allows no commands.',
        'pg_dump does not write one there. Remove it only if you know where it comes from.',
      )
    switch (line.kind) {
      case 'restrict':
        this.restrictKey = line.key
        return
      case 'unrestrict':
        if (this.restrictKey !== line.key)
          throw refuse(
            'The keys of \\restrict and \\unrestrict differ.',
            'Get the dump again. It was changed after pg_dump wrote it.',
          )
        this.restrictKey = undefined
        return
      case 'stopOnError':
        return
      case 'echo':
        return this.options.echo(line.text)
      case 'include':
        return this.include(line, piece, script, splitter)
      case 'copy':
        return this.copyFile(line, piece, script)
      case 'connect': {
        const inUse = this.options.database ?? this.client.database
        const known = [undefined, inUse, this.client.database]
        if (known.includes(line.database) && (line.user ?? this.client.user) === this.client.user) return
        throw refuse(
          `\\connect cannot change to another database or role. The current database is ${inUse}.`,
          'Remove the line, and select the database with the target.',
        )
      }
      case 'unsupported':
        throw refuse(`psql's \\${line.name} is not supported in a file.`, line.instead, {needsPsql: line.needsPsql})
    }
  }

  private async include(
    line: PsqlLine & {kind: 'include'},
    piece: BufferPiece,
    script: ScriptFile,
    splitter: SqlSplitter,
  ): Promise<void> {
    const included = this.referred(line.path, line.relative, piece, script)
    if (this.stack.some(({path}) => realpathSync(path) === realpathSync(included.path))) {
      throw scriptError(
        'script_include_cycle',
        `${included.name} includes itself.`,
        script.name,
        piece,
        'Remove the line that includes the file again.',
      )
    }
    this.standardStrings = splitter.standardConformingStrings
    await this.file(included)
    splitter.standardConformingStrings = this.standardStrings
  }

  /** Finds the file of a psql command: in the working folder, like psql, then next to the file with the command. */
  private referred(path: string, relative: boolean, piece: BufferPiece, script: ScriptFile): ScriptFile {
    const beside = resolve(dirname(script.path), path)
    const looked = relative ? [beside] : [...new Set([resolve(this.options.cwd, path), beside])]
    const found = looked.find((candidate) => existsSync(candidate))
    if (found === undefined) {
      const place = {file: script.name, line: piece.line, column: piece.column, text: ''}
      throw new ConfigurationError(`${path} does not exist.`, {
        code: 'file_missing',
        next: [`Searched: ${looked.join(', ')}`],
        details: {file: path, place},
      })
    }
    return {
      path: found,
      name: displayPath(found, this.options.cwd),
      includedFrom: [{file: script.name, line: piece.line}, ...script.includedFrom],
    }
  }

  private async copyFile(
    {statement, path}: PsqlLine & {kind: 'copy'},
    piece: BufferPiece,
    script: ScriptFile,
  ): Promise<void> {
    const data = this.referred(path, false, piece, script)
    await this.startCopy({piece: madeUp(statement, piece), script}, {script: data, line: 1})
    for await (const chunk of openSource(data.path).chunks) await this.openCopy?.write(chunk)
    await this.endCopy()
  }

  private async csv(script: ScriptFile, table: string[]): Promise<void> {
    const source = openSource(script.path)
    try {
      for await (const part of readCsv(script, table, source.chunks)) {
        if (part.copy) await this.startCopy({piece: madeUp(part.copy, {line: 1, column: 1}), script}, {script, line: 1})
        await this.openCopy?.write(part.bytes)
        this.options.progress(this.bytes + source.readBytes())
      }
      await this.endCopy()
    } catch (error) {
      throw csvFailure(await complete(error, script), table)
    }
    this.bytes += source.readBytes()
  }
}

function emptyFile({name}: ScriptFile): ConfigurationError {
  return new ConfigurationError(`${name} is empty.`, {
    code: 'file_empty',
    next: ['Write SQL into it, or choose another file with --file.'],
    details: {file: name},
  })
}

function lastLine(piece: BufferPiece): number {
  const at = {line: piece.line, column: 1}
  advance(at, piece.bytes, piece.start, piece.bytes.length)
  return at.line
}

/** Adds the text of the line to an error with a location, by reading the file again. */
async function complete(error: unknown, script: ScriptFile): Promise<unknown> {
  if (!(error instanceof SqlError || error instanceof ConfigurationError)) return error
  const {message, code, next, details, cause} = error
  const place = details['place'] as Place | undefined
  if (place?.file !== script.name || place.text !== '') return error
  const options = {code, next: [...next], details: {...details, place: await placeOf(script, place)}, cause}
  return error instanceof SqlError ? new SqlError(message, options) : new ConfigurationError(message, options)
}
