import {Flags} from '@oclif/core'
import {UsageError} from '../errors.js'
import type {Choices} from '../schema-change/questions.js'

const several = {multiple: true, multipleNonGreedy: true} as const

/** What becomes of tables and columns that the new schema does not have, and how the SQL is written. */
export const changeFlags = {
  rename: Flags.string({
    ...several,
    description: 'Rename a table or column, for example users.name:users.full_name.',
    helpValue: 'old:new',
  }),
  drop: Flags.string({...several, description: 'Drop a table or column with its rows.', helpValue: 'name'}),
  keep: Flags.string({
    ...several,
    description: 'Keep a table or column that the new schema does not have.',
    helpValue: 'name',
  }),
  rebuild: Flags.string({
    ...several,
    description: 'Rebuild a table, so that its columns are in the wanted order.',
    helpValue: 'table',
  }),
  plain: Flags.boolean({description: 'Write the short form, also where others wait while rows are read.'}),
}

/** The values of {@link changeFlags}. @throws UsageError (`choice_unknown`) */
export function changeChoices(flags: {[Name in keyof Choices]?: string[]}): Choices {
  const {rename = [], drop = [], keep = []} = flags
  for (const each of rename)
    if (!/^[^:]+:[^:]+$/.test(each))
      throw new UsageError(`--rename ${each} needs the old and the new name.`, {
        code: 'choice_unknown',
        next: ['For example: --rename users.name:users.full_name'],
      })
  return {rename, drop, keep}
}
