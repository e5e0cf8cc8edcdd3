import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {CruddurError, errorCode} from '../errors.js'
import {firstThere, placesOf} from '../sql-files/included.js'
import {scanArguments} from '../sql-text/psql/arguments.js'
import {SqlSplitter} from '../sql-text/splitter.js'
import {Tokens} from '../sql-text/tokens.js'
import type {Section} from './migration.js'

const include = /^\\(i|ir|include|include_relative)\s+([^\r\n]*)/

/**
 * The text of a direction with the files that it includes, so that it can be stored and run where these are not. A file
 * whose name only the run knows stays an include, and so does one that is not text in UTF-8.
 */
export function expandedText({text, input}: Section, cwd: string): string {
  return expand(text, [input.path], cwd)
}

/** `paths` are the file of the text, and those that include it, the nearest first. */
function expand(text: string, paths: readonly [string, ...string[]], cwd: string): string {
  if (!/\\i/.test(text)) return text
  const pieces = piecesOf(text)
  // What cannot be split is reported by the run.
  if (pieces.reduce((sum, {length}) => sum + length, 0) !== Buffer.byteLength(text)) return text
  const parts = pieces.map(({kind, bytes, start}) => {
    const whole = bytes.toString()
    const [, command, rest = ''] = kind === 'psql' ? (include.exec(bytes.toString('utf8', start)) ?? []) : []
    if (command === undefined) return whole
    const found = included(rest, {paths, cwd, relative: command === 'ir' || command === 'include_relative'})
    if (found === undefined) return whole
    const inside = expand(found.text, [found.path, ...paths], cwd)
    return `${bytes.toString('utf8', 0, start)}${inside.endsWith('\n') ? inside : `${inside}\n`}`
  })
  return parts.join('')
}

function included(
  rest: string,
  {paths, cwd, relative}: {paths: readonly [string, ...string[]]; cwd: string; relative: boolean},
): {path: string; text: string} | undefined {
  let unsure = false
  const {args, problem} = scanArguments(rest, () => void (unsure = true))
  const [name] = args
  if (unsure || problem !== undefined || name === undefined || args.length > 1) return undefined
  const path = firstThere(placesOf({path: name.text.replace(/;+$/, ''), relative}, paths[0], cwd))
  // The run reports a file that includes itself.
  if (path === undefined || paths.includes(path)) return undefined
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(readFileSync(path))
    return text.includes('\0') ? undefined : {path, text}
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
  return piecesOf(withOneLineEnd(text)).flatMap(({kind, bytes, start}) => {
    if (kind === 'blank') return []
    const own = bytes.toString('utf8', start)
    if (kind === 'statement') return [tokensOf(own)]
    return [kind === 'psql' ? own.trimEnd() : own]
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
  for (const {kind, bytes, start} of piecesOf(withOneLineEnd(text))) {
    if (kind === 'statement' && ++count > statements) break
    if (kind !== 'blank') parts.push(kind === 'statement' ? tokensOf(bytes.toString('utf8', start)) : bytes.toString())
  }
  return count < statements ? undefined : parts.join('\0')
}

/** Git changes line ends, also those in function bodies and data. */
const withOneLineEnd = (text: string): string => text.replaceAll('\r\n', '\n')

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
