import {realpathSync} from 'node:fs'
import {ConfigurationError} from '../errors.js'
import type {CopyIn} from '../postgres/wire/script-wire.js'
import {decoded, isUtf8} from '../sql-text/encodings.js'
import {scriptError} from '../sql-text/faults.js'
import {type BufferPiece, computed, madeUp} from '../sql-text/pieces.js'
import type {Command} from '../sql-text/psql/command.js'
import {PsqlReader, settle} from '../sql-text/psql/reader.js'
import {PsqlState, unknownRows} from '../sql-text/psql/state.js'
import {statementsOf} from '../sql-text/psql/statements.js'
import type {Queued, ScriptFile} from './batch.js'
import {checkRows, csvFailure, readCsv, tableOf} from './csv.js'
import {checkedChunks} from './dump-file.js'
import {firstThere, type NamedFile, placesOf} from './included.js'
import {hasStandardStrings, namesOfSession} from './session-names.js'
import type {ScriptSession, StatementSink, WalkOptions} from './sink.js'
import {openSource, sourceOf} from './source.js'
import {displayPath, type ScriptInput} from './sql-file.js'
import {completeStatement, emptyFile, isStream, lastLine, refusal, refuse, refuseEncoding} from './walk-support.js'

/** Reads files, executes their psql commands, and passes statements and data to the sink. */
export class ScriptWalk {
  /** The size of all finished files, without included ones. */
  bytes = 0
  readonly state: PsqlState
  private readonly stack: ScriptFile[] = []
  private readonly passedOver = new Set<string>()
  /** The server's `standard_conforming_strings` after the statements so far. */
  standardStrings: boolean
  /** The encoding of the text that follows; undefined for UTF-8. */
  private encodingNow: string | undefined
  private session: ScriptSession | undefined
  private openCopy: CopyIn | undefined
  /** The text of `\\echo -n`, whose line goes on. */
  private unfinishedLine = ''

  constructor(
    private readonly sink: StatementSink,
    private readonly options: WalkOptions,
  ) {
    this.state = new PsqlState({...options, dry: options.dry !== undefined})
    this.session = options.session
    this.standardStrings = hasStandardStrings(this.session)
  }

  /** Runs one file. The sink may not be finished when this resolves. */
  async run(input: ScriptInput): Promise<void> {
    this.encodingNow = this.options.encoding
    const script = {...input, name: displayPath(input.path, this.options.cwd), includedFrom: []}
    try {
      if (input.table === undefined) await this.file(script)
      else if (!this.options.dry) await this.csv(script, await tableOf(input, this.sink))
    } catch (error) {
      await this.openCopy?.fail('the file cannot be read to its end')
      throw error
    } finally {
      if (this.unfinishedLine !== '') this.options.echo(this.unfinishedLine)
    }
  }

  private async file(script: ScriptFile): Promise<void> {
    const {path, content} = script
    if (this.options.dry && content === undefined && (await isStream(path))) return this.options.dry.onUnreadable()
    this.stack.push(script)
    const options = {file: script.name, standardConformingStrings: this.standardStrings}
    const reader = new PsqlReader(this.state, options)
    reader.splitter.encoding = this.encodingNow
    script.encodings = reader.splitter.encodings
    const source = content === undefined ? openSource(path) : sourceOf(content)
    const outermost = this.stack.length === 1
    let empty = true
    try {
      for await (const chunk of checkedChunks(source.chunks, script.name, this.options.isDump)) {
        reader.splitter.feed(chunk)
        empty &&= /^(\xef\xbb\xbf)?\s*$/.test(chunk.toString('latin1'))
        await this.take(reader, script)
        if (outermost) this.options.progress(this.bytes + source.readBytes())
        if (reader.ended) break
      }
      if (!reader.ended) {
        reader.splitter.finish()
        await this.take(reader, script)
      }
    } catch (error) {
      throw await completeStatement(error, script)
    }
    if (outermost) this.bytes += source.readBytes()
    if (outermost && empty) this.foundEmpty(script)
    this.standardStrings = reader.splitter.standardConformingStrings
    this.encodingNow = reader.splitter.encoding
    this.stack.pop()
  }

  private foundEmpty(script: ScriptFile): void {
    if (this.options.mayBeEmpty !== true) throw emptyFile(script)
    this.options.remark(`${script.name} is empty.`)
  }

  private async take(reader: PsqlReader, script: ScriptFile): Promise<void> {
    for (let step; (step = reader.next());) {
      const wait =
        step === settle
          ? this.count()
          : 'piece' in step
            ? this.command(step, script, reader)
            : this.takePiece(step, script)
      if (wait) await wait
    }
  }

  private async count(): Promise<void> {
    this.state.count(await this.sink.lastCount())
  }

  private takePiece(piece: BufferPiece, script: ScriptFile): Promise<void> | undefined {
    switch (piece.kind) {
      case 'statement':
        if (piece.statement === 'copy') return this.startCopy({piece, script}, {script, line: lastLine(piece) + 1})
        return this.sink.add({piece, script})
      case 'copyData':
        return this.openCopy?.write(piece.bytes)
      case 'copyEnd':
        return this.endCopy()
      default:
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

  private async command(command: Command, script: ScriptFile, reader: PsqlReader): Promise<void> {
    const {piece} = command
    this.encodingNow = reader.splitter.encoding
    refuse(command, script)
    switch (command.kind) {
      case 'send':
        return command.query.statement === 'copy'
          ? this.startCopy({piece: command.query, script}, {script, line: piece.line + 1})
          : this.sink.add({piece: command.query, script})
      case 'gset':
        return this.keepRow(command, script)
      case 'gexec':
        return this.runRows(command, script)
      case 'include':
        return this.include(command, script, reader)
      case 'copy':
        return this.copy(command, script)
      case 'print':
        return this.print(command)
      case 'connect':
        return this.connect(command, script, reader)
      case 'display':
        return this.passOver(command, script)
      case 'gdesc':
        return this.passOver({name: command.kind, piece}, script)
      case 'encoding':
        return this.encoding(command, script, reader)
      default:
    }
  }

  private async keepRow({query, prefix, piece}: Command & {kind: 'gset'}, script: ScriptFile): Promise<void> {
    const answer = await this.sink.answer({piece: query, script})
    if (answer === unknownRows) return this.state.forgetRow(prefix, query.bytes.toString())
    const problem = this.state.store(prefix, answer)
    if (problem !== undefined)
      throw refusal(script, piece, problem, 'Select one row whose columns have names of letters, digits and _.')
  }

  private async runRows({query, piece}: Command & {kind: 'gexec'}, script: ScriptFile): Promise<void> {
    const answer = await this.sink.answer({piece: query, script})
    if (answer === unknownRows) {
      this.state.uncertain = true
      return
    }
    for (const text of answer.rows.flat())
      if (text !== null)
        for (const each of statementsOf(text)) await this.sink.add({piece: computed(each, piece), script})
  }

  private async print({text, newline}: {text: string; newline: boolean}): Promise<void> {
    // The text may say that the statements before it have run.
    await this.sink.lastCount()
    this.unfinishedLine += text
    if (!newline) return
    this.options.echo(this.unfinishedLine)
    this.unfinishedLine = ''
  }

  /** Says once that a command which only shows something has no effect. */
  private passOver({name, piece}: {name: string; piece: BufferPiece}, script: ScriptFile): void {
    if (name === 'r' || this.passedOver.has(name)) return
    this.passedOver.add(name)
    this.options.remark(`${script.name}:${piece.line}: \\${name} was passed over: it changes only what psql shows.`)
  }

  private async connect(
    {to, unsure, piece}: Command & {kind: 'connect'},
    script: ScriptFile,
    {splitter}: PsqlReader,
  ): Promise<void> {
    const changed = await this.sink.connect({to, unsure, piece, script})
    if (changed === undefined) return
    this.enter(changed)
    splitter.standardConformingStrings = this.standardStrings
    splitter.encoding = this.encodingNow
  }

  /** Goes on in another session, with its settings. */
  enter(session: ScriptSession): void {
    this.session = session
    this.standardStrings = hasStandardStrings(session)
    this.encodingNow = this.options.encoding
    for (const [name, value] of Object.entries(namesOfSession(session))) this.state.set(name, value)
  }

  private encoding({name, piece}: Command & {kind: 'encoding'}, script: ScriptFile, {splitter}: PsqlReader): void {
    if (!isUtf8(name)) refuseEncoding(name, script, piece)
    splitter.encoding = name
  }

  private async include(command: Command & {kind: 'include'}, script: ScriptFile, reader: PsqlReader): Promise<void> {
    const included = this.referred(command, command.piece, script)
    if (this.stack.some(({path}) => realpathSync(path) === realpathSync(included.path)))
      throw scriptError(
        'script_include_cycle',
        `${included.name} includes itself.`,
        script.name,
        command.piece,
        'Remove the line that includes the file again.',
      )
    const {splitter} = reader
    this.standardStrings = splitter.standardConformingStrings
    this.encodingNow = splitter.encoding
    const {unsure} = this.state
    this.state.unsure = reader.unsure
    await this.file(included)
    this.state.unsure = unsure
    splitter.standardConformingStrings = this.standardStrings
    splitter.encoding = this.encodingNow
  }

  private referred(named: NamedFile, piece: BufferPiece, script: ScriptFile): ScriptFile {
    const places = placesOf(named, script.path, this.state.cwd)
    const found = firstThere(places)
    if (found === undefined) {
      const place = {file: script.name, line: piece.line, column: piece.column, text: ''}
      throw new ConfigurationError(`${named.path} does not exist.`, {
        code: 'file_missing',
        next: [`Searched: ${places.join(', ')}`],
        details: {file: named.path, place},
      })
    }
    return {
      path: found,
      name: displayPath(found, this.options.cwd),
      includedFrom: [{file: script.name, line: piece.line}, ...script.includedFrom],
    }
  }

  private async copy({statement, path, piece}: Command & {kind: 'copy'}, script: ScriptFile): Promise<void> {
    const queued = {piece: madeUp(statement, piece), script}
    if (path === undefined) return this.startCopy(queued, {script, line: piece.line + 1})
    if (this.options.dry) return
    const data = this.referred({path, relative: false}, piece, script)
    data.encodings = [{line: 1, name: this.encodingNow}]
    await this.startCopy(queued, {script: data, line: 1})
    const chunks = decoded(openSource(data.path).chunks, this.encodingNow)
    const rows = /\bcsv\b/i.test(statement) ? checkRows(data, chunks, this.session?.client) : chunks
    for await (const chunk of rows) await this.openCopy?.write(chunk)
    await this.endCopy()
  }

  private async csv(script: ScriptFile, table: string[]): Promise<void> {
    const source = openSource(script.path)
    script.encodings = [{line: 1, name: this.encodingNow}]
    const rows = checkRows(script, decoded(source.chunks, this.encodingNow), this.session?.client)
    try {
      for await (const part of readCsv(script, table, rows)) {
        if (part.copy) await this.startCopy({piece: madeUp(part.copy, {line: 1, column: 1}), script}, {script, line: 1})
        await this.openCopy?.write(part.bytes)
        this.options.progress(this.bytes + source.readBytes())
      }
      await this.endCopy()
    } catch (error) {
      throw csvFailure(await completeStatement(error, script), table)
    }
    this.bytes += source.readBytes()
  }
}
