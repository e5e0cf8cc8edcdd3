import {escapeLiteral} from '../../postgres/wire/escape.js'
import type {Text} from './session.js'

/** A value in SQL; undefined stands for the default of the column. The server gives the literal the type of its place. */
export function sqlValue(value: Text | undefined): string {
  if (value === undefined) return 'default'
  return value === null ? 'null' : escapeLiteral(value)
}
