import {exampleOf} from './examples.js'
import type {Refusal} from './laboratory.js'
import {type Statement, statement} from './statement.js'
import type {Gap} from './types.js'

const notNullViolation = '23502'
const cannotCoerce = '42846'

/** What is tried in place of a statement that the server refuses; undefined if there is nothing. */
export function replacementOf(refusal: Refusal): {statements: Statement[]; gaps: Gap[]} | undefined {
  const {statement: each, error} = refusal
  if (error.code === cannotCoerce && / TYPE .* USING (?!.*::text::)/.test(each.sql)) {
    const sql = each.sql.replace(/ USING (.*?)::/, ' USING $1::text::')
    return {statements: [{...each, sql}], gaps: []}
  }
  return error.code === notNullViolation ? withValues(each) : undefined
}

/** Rows that need a value get one in the trial, so that what comes after is tried, too. A person has to write the real one. */
function withValues({sql}: Statement): {statements: Statement[]; gaps: Gap[]} | undefined {
  const [, table, column, definition = ''] = /^ALTER TABLE (\S+) ADD COLUMN (\S+) ([\s\S]*)$/.exec(sql) ?? []
  if (table === undefined || column === undefined) return undefined
  const [, type = ''] = /^(.*?) NOT NULL/.exec(definition) ?? []
  const [update, where] = [`UPDATE ${table} SET ${column} = `, ` WHERE ${column} IS NULL`]
  const set = `ALTER TABLE ${table} ALTER COLUMN ${column} SET NOT NULL`
  const message = `The rows of ${table} need a value in the new column ${column}, which takes no NULL.`
  return {
    statements: [
      statement(`ALTER TABLE ${table} ADD COLUMN ${column} ${definition.replace(' NOT NULL', '')}`),
      {
        ...statement(`${update}${exampleOf(type)}${where}`, `NOT PROVED: ${message} Complete this:`),
        open: `${update}…${where}`,
      },
      {...statement(set), open: set},
    ],
    gaps: [{message: `${message} Complete the UPDATE in the file.`, sql: [], placed: true}],
  }
}
