import {SqlError} from '../errors.js'

/** What a backslash command cannot do, and what to do instead. */
export function commandFailure(message: string, ...next: string[]): SqlError {
  return new SqlError(message, {code: 'shell_command', next})
}
