import {Flags} from '@oclif/core'
import {UsageError} from '../errors.js'
import {isVariableName} from '../sql-text/psql/variables.js'

/** psql's variables for SQL files. */
export const setFlag = {
  set: Flags.string({
    char: 'v',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'name=value',
    description: 'Set a variable of psql: the file uses it as :name, :\'name\' or :"name".',
  }),
}

/**
 * The variables of `--set`. Without `=`, the value is empty, as in psql.
 * @throws UsageError
 */
export function setVariables(given: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    given.map((text): [string, string] => {
      const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(text) ?? []
      if (isVariableName(name)) return [name, value]
      throw new UsageError(`--set ${text} has no name of a variable.`, {
        code: 'usage',
        next: ['Write --set name=value. A name has letters, digits and underscores.'],
      })
    }),
  )
}
