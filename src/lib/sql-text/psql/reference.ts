import {byte, tagBytes} from '../characters.js'
import type {ReferenceForm} from './variables.js'

/** A reference to a variable in SQL text, up to `end`. */
export interface Reference {
  name: string
  form: ReferenceForm
  end: number
}

const forms: Readonly<Record<number, ReferenceForm>> = {
  [byte.quote]: 'literal',
  [byte.doubleQuote]: 'identifier',
  [byte.openBrace]: 'defined',
}
const closings: Readonly<Partial<Record<ReferenceForm, number>>> = {
  literal: byte.quote,
  identifier: byte.doubleQuote,
  defined: byte.closeBrace,
}

/**
 * Reads a reference to a variable at a colon. Returns the position after a colon that begins none, as in `::` and `:=`, or
 * `more` if more bytes are needed.
 */
export function readColon(buffer: Buffer, at: number, final: boolean): Reference | number | 'more' {
  const next = buffer[at + 1]
  if (next === undefined && !final) return 'more'
  if (next === byte.colon || next === byte.equals) return at + 2
  const form = forms[next ?? 0] ?? 'plain'
  const from = at + (form === 'plain' ? 1 : form === 'defined' ? 3 : 2)
  let to = from
  while (to < buffer.length && tagBytes[buffer[to]!] === 1) to++
  if (to >= buffer.length && !final) return 'more'
  const close = closings[form]
  const begins = form !== 'defined' || buffer[at + 2] === byte.question
  if (!begins || to === from || (close !== undefined && buffer[to] !== close)) return at + 1
  return {name: buffer.toString('utf8', from, to), form, end: close === undefined ? to : to + 1}
}
