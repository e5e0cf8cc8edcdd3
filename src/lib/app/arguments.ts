import {UsageError} from '../errors.js'

/**
 * The fields of an argument; none if it is not an object. TypeScript's types do not hold for a body of JSON that an
 * application passes on, so each field is then checked as if it could be anything.
 */
export function fieldsOf<T extends object>(input: unknown): {[K in keyof T]?: unknown} {
  return typeof input === 'object' && input !== null ? input : {}
}

/** What an argument of {@link requireArguments} must be. */
const argumentKinds = {
  text: (value: unknown) => typeof value === 'string',
  'a function': (value: unknown) => typeof value === 'function',
  'true or false': (value: unknown) => typeof value === 'boolean',
  'an object': isObject,
  'an object with the values by name': isObject,
  'a whole number from 0': (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0,
  'a whole number from 1': (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 1,
  'a number of seconds': (value: unknown) => Number.isFinite(value) && Number(value) >= 0,
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Refuses arguments of another type, for callers without TypeScript; undefined is the default of an option.
 * @throws UsageError (`argument_invalid`), which names the argument and never its value
 */
export function requireArguments(...wanted: [name: string, value: unknown, kind: keyof typeof argumentKinds][]): void {
  for (const [name, value, kind] of wanted) {
    if (value === undefined || argumentKinds[kind](value)) continue
    throw new UsageError(`The argument ${name} must be ${kind}.`, {code: 'argument_invalid', details: {argument: name}})
  }
}
