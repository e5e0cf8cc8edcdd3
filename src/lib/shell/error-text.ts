import {errorPosition} from '../postgres/connect/failures.js'
import type {ServerError} from '../postgres/connect/server-error.js'
import {visible} from './cell.js'

/** As psql's variable VERBOSITY. */
export type Verbosity = 'default' | 'verbose' | 'terse' | 'sqlstate'

/** The width of the line of a statement in an error, and what stays to the right of the place (libpq's fe-protocol3.c). */
const lineWidth = 60
const rightOfPlace = 10

/** An error of the server in psql's form, with the line of the statement that it is about, if that was typed. */
export function errorText(error: ServerError, statement: string | undefined, verbosity: Verbosity = 'default'): string {
  const severity = error.severity ?? 'ERROR'
  if (verbosity === 'sqlstate') return `${severity}:  ${error.code ?? ''}`
  const code = verbosity === 'verbose' ? `${error.code ?? ''}: ` : ''
  const position = errorPosition(error)
  const at = verbosity === 'terse' && position !== undefined ? ` at character ${position}` : ''
  const lines = [`${severity}:  ${code}${error.message}${at}`]
  if (verbosity === 'terse') return shown(lines)
  if (position !== undefined && statement !== undefined) lines.push(...placeOf(statement, position))
  const inner = error.internalQuery
  const innerPosition = Number(error.internalPosition)
  if (inner !== undefined && innerPosition > 0) lines.push(...placeOf(inner, innerPosition))
  if (error.detail !== undefined) lines.push(`DETAIL:  ${error.detail}`)
  if (error.hint !== undefined) lines.push(`HINT:  ${error.hint}`)
  if (inner !== undefined) lines.push(`QUERY:  ${inner}`)
  if (error.where !== undefined) lines.push(`CONTEXT:  ${error.where}`)
  if (verbosity === 'verbose') lines.push(...source(error))
  return shown(lines)
}

function source({schema, table, column, dataType, constraint, routine, file, line}: ServerError): string[] {
  const named = {
    ...{'SCHEMA NAME': schema, 'TABLE NAME': table, 'COLUMN NAME': column, 'DATATYPE NAME': dataType},
    'CONSTRAINT NAME': constraint,
  }
  return [
    ...Object.entries(named).flatMap(([label, name]) => (name === undefined ? [] : [`${label}:  ${name}`])),
    ...(routine === undefined ? [] : [`LOCATION:  ${routine}, ${file}:${line}`]),
  ]
}

function shown(lines: readonly string[]): string {
  return lines
    .flatMap((line) => line.split('\n'))
    .map(visible)
    .join('\n')
}

/** The line at a position, in characters from 1, and a caret below it; a long line is cut around it. */
function placeOf(statement: string, position: number): string[] {
  const characters = [...statement]
  const before = characters.slice(0, position - 1)
  const number = before.filter((character) => character === '\n').length + 1
  const start = before.lastIndexOf('\n') + 1
  const at = position - 1 - start
  const rest = characters.slice(start)
  const length = rest.indexOf('\n')
  const line = (length === -1 ? rest : rest.slice(0, length)).map((character) => (character === '\t' ? ' ' : character))
  let [from, to] = [0, line.length]
  if (line.length > lineWidth) {
    if (lineWidth >= at + rightOfPlace) to = lineWidth
    else {
      to = Math.min(to, at + rightOfPlace)
      from = Math.max(0, to - lineWidth)
    }
  }
  const head = `LINE ${number}: ${from > 0 ? '...' : ''}`
  const text = `${head}${line.slice(from, to).join('')}${to < line.length ? '...' : ''}`
  return [text, `${' '.repeat(head.length + at - from)}^`]
}
