import {Flags} from '@oclif/core'
import {UsageError} from '../errors.js'
import type {Choices} from '../schema-change/questions.js'
import {lossQuestion} from './ask-loss.js'

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

type ChangeFlags = {[Name in keyof Choices | 'rebuild']?: string[]} & {plain: boolean}

/** The values of {@link changeFlags}, and how a person is asked what they leave open. @throws UsageError (`choice_unknown`) */
export function changeOptions(
  {rename = [], drop = [], keep = [], rebuild = [], plain}: ChangeFlags,
  stop: AbortController,
) {
  for (const each of rename)
    if (!/^[^:]+:[^:]+$/.test(each))
      throw new UsageError(`--rename ${each} needs the old and the new name.`, {
        code: 'choice_unknown',
        next: ['For example: --rename users.name:users.full_name'],
      })
  return {choices: {rename, drop, keep}, rebuild, plain, ask: lossQuestion(stop)}
}
