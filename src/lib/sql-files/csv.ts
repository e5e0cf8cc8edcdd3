import {SqlError} from '../errors.js'
import {majorVersion} from '../postgres/connect/connect.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier, escapeLiteral} from '../postgres/wire/escape.js'
import {faultInText, scriptError} from '../sql-text/faults.js'
import {advance, type LineColumn} from '../sql-text/search.js'
import {TextCheck, type TextFault} from '../sql-text/text-check.js'
import type {ScriptFile} from './batch.js'
import type {StatementSink} from './sink.js'
import type {ScriptInput} from './sql-file.js'

/** A part of a CSV file. The first part has the COPY statement, made from the header. */
export interface CsvPart {
  copy?: string
  bytes: Buffer
}

const quoteField = 0x22
const newline = 0x0a
const longestHeader = 1024 * 1024

/**
 * Reads the rows of a table. The header names the columns, in any order, and can leave some out. The bytes are checked for
 * UTF-8 and passed on unchanged, without a byte-order mark.
 * @throws SqlError (`script_csv_header`, `script_not_utf8`, `script_nul_byte`)
 */
export async function* readCsv(
  script: ScriptFile,
  table: string[],
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<CsvPart> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of checkCsvText(script, chunks)) {
    if (head) {
      head = Buffer.concat([head, chunk])
      if (endOfRecord(head) < 0 && head.length < longestHeader) continue
      yield beginCopy(script, table, head)
      head = undefined
    } else yield {bytes: chunk}
  }
  if (head) yield beginCopy(script, table, head)
}

function beginCopy(script: ScriptFile, table: string[], head: Buffer): CsvPart {
  const bytes = head.subarray(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf)) ? head.subarray(3) : head
  const end = endOfRecord(bytes)
  const columns = splitHeader(bytes.toString('utf8', 0, end < 0 ? bytes.length : end))
  if (columns.some((column) => column === '')) {
    throw scriptError(
      'script_csv_header',
      'The first line of the CSV file does not name all columns.',
      script.name,
      {line: 1, column: 1},
      'Write the names of the columns into the first line.',
    )
  }
  const [name, list] = [table.map(escapeIdentifier).join('.'), columns.map(escapeIdentifier).join(', ')]
  return {copy: `COPY ${name} (${list}) FROM STDIN (FORMAT csv, HEADER true)`, bytes}
}

async function* checkCsvText(script: ScriptFile, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const check = new TextCheck()
  const place: LineColumn = {line: 1, column: 1}
  let offset = 0
  const fail = (fault: TextFault, chunk: Buffer): never => {
    const index = Math.max(fault.index, 0)
    advance(place, chunk, 0, index)
    throw faultInText(script.name, fault.fault, place, offset + fault.index, chunk.subarray(index, index + 4))
  }
  for await (const chunk of chunks) {
    const fault = check.push(chunk)
    if (fault) fail(fault, chunk)
    advance(place, chunk, 0, chunk.length)
    offset += chunk.length
    yield chunk
  }
  const fault = check.end()
  if (fault) fail(fault, Buffer.alloc(0))
}

const endRow = Buffer.from('\\.')

/**
 * Passes the bytes of a CSV file on, if they have no row `\.`: a server before version 18 takes it for the end of the data
 * and loses the rows after it without an error.
 * @throws SqlError (`script_csv_end`)
 */
export function checkRows(
  script: ScriptFile,
  chunks: AsyncIterable<Buffer>,
  client: PostgresClient | undefined,
): AsyncIterable<Buffer> {
  return client !== undefined && majorVersion(client) < 18 ? withoutEnd(script, chunks) : chunks
}

/** Passes the bytes on up to a row `\.`. */
export async function* withoutEnd(script: ScriptFile, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const place: LineColumn = {line: 1, column: 1}
  /** The end of what came before, in which the row may have begun. */
  let before: Buffer = Buffer.of(newline)
  const check = (bytes: Buffer, last: boolean): void => {
    for (let at = bytes.indexOf(endRow); at >= 0; at = bytes.indexOf(endRow, at + 1)) {
      const rest = bytes.subarray(at + endRow.length, at + endRow.length + 2).toString('latin1')
      if (bytes[at - 1] !== newline || !(/^\r?\n/.test(rest) || (last && /^\r?$/.test(rest)))) continue
      advance(place, bytes, before.length, Math.max(at, before.length))
      throw endsEarly(script, place)
    }
  }
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([before, chunk])
    check(bytes, false)
    advance(place, chunk, 0, chunk.length)
    before = bytes.subarray(-4)
    yield chunk
  }
  check(before, true)
}

function endsEarly(script: ScriptFile, place: LineColumn): SqlError {
  return scriptError(
    'script_csv_end',
    'A row is \\. alone, which this server takes for the end of the data (before Postgres 18).',
    script.name,
    {line: place.line, column: 1},
    'Write it in double quotes: "\\."',
  )
}

/** The end of the first record, before its line end; -1 if the record is not complete. */
function endOfRecord(bytes: Buffer): number {
  let quoted = false
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === quoteField) quoted = !quoted
    else if (bytes[at] === newline && !quoted) return at
  }
  return -1
}

function splitHeader(header: string): string[] {
  const fields = header.replace(/\r$/, '').match(/(?:"(?:[^"]|"")*"|[^,"])+|(?<=^|,)(?=,|$)/g) ?? ['']
  return fields.map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field))
}

/** The table of a CSV file: the one with the whole name of the file, if there is one. */
export async function tableOf({table = [], wholeName}: ScriptInput, sink: StatementSink): Promise<string[]> {
  if (wholeName === undefined) return table
  const name = escapeLiteral(wholeName.map(escapeIdentifier).join('.'))
  const {rows} = await sink.ask(`select pg_catalog.to_regclass(${name}) is not null;`)
  return rows[0]?.[0] === 't' ? wholeName : table
}

/** Adds advice about the file name or the header to an error of the COPY. */
export function csvFailure(error: unknown, table: string[]): unknown {
  if (!(error instanceof SqlError)) return error
  const advice: Readonly<Record<string, string>> = {
    '42P01': `Create the table ${table.join('.')}, or give the file the name of an existing table.`,
    '42703': 'Write the column names of the table into the first line of the file.',
  }
  const next = advice[error.code]
  if (next === undefined) return error
  return new SqlError(error.message, {
    code: error.code,
    next: [...error.next, next],
    details: {...error.details},
    cause: error.cause,
  })
}
