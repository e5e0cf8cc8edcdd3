import {CruddurError, errorWith, InterruptedError} from '../errors.js'

const kept = {applied: 'Applied before, and kept', undone: 'Undone before, and not restored'} as const

/** Adds to the failure of a migration what was done before it, which stays. */
export function withKept(error: unknown, how: keyof typeof kept, done: readonly {file: string}[]): unknown {
  if (!(error instanceof CruddurError) || error instanceof InterruptedError || done.length === 0) return error
  const onlyElse = (text: string): string => text.replace('Nothing was changed.', 'Nothing else was changed.')
  const [message, next] = [onlyElse(error.message), error.next.map(onlyElse)]
  const files = done.map(({file}) => file).join(', ')
  return errorWith(error, {
    message,
    next: [`${kept[how]}: ${files}`, ...next],
    details: {...error.details, [how]: done},
  })
}
