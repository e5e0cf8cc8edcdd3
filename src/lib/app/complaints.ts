import {type InputComplaint, InputError} from '../errors.js'

/** A complaint, or undefined where there is nothing to complain of. */
export type Check = InputComplaint | undefined

/** @throws InputError with every complaint of `checks`, in their order */
export function refuse(...checks: Check[]): void {
  const [first, ...others] = checks.filter((check) => check !== undefined)
  if (first !== undefined) throw new InputError([first, ...others])
}

/**
 * Whether a person sees nothing in it: white space and characters that show nothing by themselves
 * (Default_Ignorable_Code_Point, https://www.unicode.org/reports/tr44/).
 */
export function isBlank(text: string | null | undefined): text is null | undefined {
  return !text || /^[\s\p{DI}]*$/u.test(text)
}

/** Text that Postgres cannot hold as it is: a zero byte, or half of a surrogate pair. */
export function isUnstorable(text: string): boolean {
  return /\0|\p{Surrogate}/u.test(text)
}

/** `<field>_blank` or `<field>_invalid`, for text that has to be there and may be anything. */
export function checkText(field: string, text: string | null | undefined): Check {
  if (isBlank(text)) return {code: `${field}_blank`, message: `The ${words(field)} is blank.`}
  if (!isUnstorable(text)) return undefined
  return {code: `${field}_invalid`, message: `The ${words(field)} has a character that cannot be stored.`}
}

function words(field: string): string {
  return field.replaceAll('_', ' ')
}
