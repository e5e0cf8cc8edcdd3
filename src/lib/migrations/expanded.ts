import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {CruddurError, errorCode} from '../errors.js'
import {firstThere, placesOf} from '../sql-files/included.js'
import {scanArguments} from '../sql-text/psql/arguments.js'
import {SqlSplitter} from '../sql-text/splitter.js'
import {Tokens} from '../sql-text/tokens.js'
import type {Section} from './migration.js'

const include = /^\\(i|ir|include|include_relative)\s+([^\r\n]*)/
/** Deeper than any real file; a file that includes itself is reported by the run. */
const maxDepth = 20

/**
 * The text of a direction with the files that it includes, so that it can be stored and run where these are not. A file
 * whose name only the run knows stays an include.
 */
export function expandedText({text, input}: Pick<Section, 'text' | 'input'>, cwd: string): string {
  return expand(text, input.path, cwd, 0)
}

function expand(text: string, path: string, cwd: string, depth: number): string {
  if (depth > maxDepth || !/\\i/.test(text)) return text
  const pieces = piecesOf(text)
  // What cannot be split is reported by the run.
  if (pieces.reduce((sum, {length}) => sum + length, 0) !== Buffer.byteLength(text)) return text
  const parts = pieces.map(({kind, bytes, start}) => {
    const whole = bytes.toString()
    const [, command, rest = ''] = kind === 'psql' ? (include.exec(bytes.toString('utf8', start)) ?? []) : []
    if (command === undefined) return whole
    const place = included(rest, {path, cwd, relative: command === 'ir' || command === 'include_relative'})
    if (place === undefined) return whole
    const inside = expand(readFileSync(place, 'utf8').replace(/^\ufeff/, ''), place, cwd, depth + 1)
    return `${bytes.toString('utf8', 0, start)}${inside.endsWith('\n') ? inside : `${inside}\n`}`
  })
  return parts.join('')
}

function included(
  rest: string,
  {path, cwd, relative}: {path: string; cwd: string; relative: boolean},
): string | undefined {
  let unsure = false
  const {args, problem} = scanArguments(rest, () => void (unsure = true))
  const [name] = args
  if (unsure || problem !== undefined || name === undefined || args.length > 1) return undefined
  const place = firstThere(placesOf({path: name.text.replace(/;+$/, ''), relative}, path, cwd))
  try {
    return place !== undefined && readFileSync(place).length >= 0 ? place : undefined
  } catch (error) {
    // The run reports a folder, or a file that cannot be read.
    if (errorCode(error) === undefined) throw error
    return undefined
  }
}

/**
 * What a text does, one entry a statement, psql command or part of COPY data: without comments, and with single spaces
 * between the tokens, so that only changes with an effect are changes.
 */
export function statementTexts(text: string): string[] {
  return piecesOf(text).flatMap(({kind, bytes, start}) => {
    if (kind === 'blank') return []
    const own = bytes.toString('utf8', start)
    return [kind === 'statement' ? tokensOf(own) : own.trimEnd()]
  })
}

/** A checksum of {@link statementTexts} of both directions. */
export function checksumOf(up: string, down: string | null): string {
  const parts = [statementTexts(up), down === null ? [] : statementTexts(down)]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** Whether two texts begin with the same statements, so many of them. */
export function beginsAlike(one: string, other: string, statements: number): boolean {
  const [a, b] = [prefixOf(one, statements), prefixOf(other, statements)]
  return a !== undefined && a === b
}

/** The text of the first statements, with their COPY data; undefined if there are fewer. */
function prefixOf(text: string, statements: number): string | undefined {
  const parts: string[] = []
  let count = 0
  for (const {kind, bytes, start} of piecesOf(text)) {
    if (kind === 'statement' && ++count > statements) break
    if (kind !== 'blank') parts.push(kind === 'statement' ? tokensOf(bytes.toString('utf8', start)) : bytes.toString())
  }
  return count < statements ? undefined : parts.join('\0')
}

function tokensOf(text: string): string {
  const tokens = new Tokens(text)
  const parts: string[] = []
  for (let index = 0, token; (token = tokens.at(index)) !== undefined; index++)
    parts.push(text.slice(token.from, token.to))
  if (parts.at(-1) === ';') parts.pop()
  return parts.join(' ')
}

/** The pieces of a text, as far as it can be split. */
function piecesOf(text: string): ReturnType<SqlSplitter['push']> {
  const splitter = new SqlSplitter({file: ''})
  const pieces: ReturnType<SqlSplitter['push']> = []
  splitter.feed(Buffer.from(text))
  try {
    for (let piece; (piece = splitter.next());) pieces.push(piece)
    splitter.finish()
    for (let piece; (piece = splitter.next());) pieces.push(piece)
  } catch (error) {
    // The run reports it.
    if (!(error instanceof CruddurError)) throw error
  }
  return pieces
}
