import {type InputComplaint, InputError} from '../errors.js'

/** A validation error, or undefined if the input is valid. */
export type Check = InputComplaint | undefined

/** @throws InputError with all errors in `checks`, in order */
export function refuse(...checks: Check[]): void {
  const [first, ...others] = checks.filter((check) => check !== undefined)
  if (first !== undefined) throw new InputError([first, ...others])
}

/**
 * Whether a text has only white space and invisible characters (Default_Ignorable_Code_Point,
 * https://www.unicode.org/reports/tr44/).
 */
export function isBlank(text: string): boolean {
  return /^[\s\p{DI}]*$/u.test(text)
}

/** Whether a text has a zero byte or half of a surrogate pair, which Postgres cannot store. */
export function isUnstorable(text: string): boolean {
  return /\0|\p{Surrogate}/u.test(text)
}

/** Returns `<field>_blank` or `<field>_invalid` for required text, and for anything that is not text. */
export function checkText(field: string, value: unknown): Check {
  const text = value ?? ''
  if (typeof text !== 'string') return {code: `${field}_invalid`, message: `The ${words(field)} must be text.`}
  if (isBlank(text)) return {code: `${field}_blank`, message: `The ${words(field)} must not be blank.`}
  if (!isUnstorable(text)) return undefined
  return {code: `${field}_invalid`, message: `The ${words(field)} contains a character that cannot be stored.`}
}

function words(field: string): string {
  return field.replaceAll('_', ' ')
}
