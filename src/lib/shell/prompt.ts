import type {SessionState} from '../postgres/wire/sql-session.js'
import type {Opening} from '../sql-text/modes.js'
import type {Style} from '../text/style.js'
import {oneLine} from '../text/table.js'
import type {ShellSession} from './session.js'

/** What is open at the end of a line; undefined between statements. */
export type OpenStatement = Opening | 'statement' | 'parenthesis' | 'COPY data' | undefined

/** What the prompt shows in addition to the target. */
export interface PromptState {
  database: string
  superuser: boolean
  state: SessionState
  open: OpenStatement
}

const promptSigns: Record<Opening | 'statement' | 'parenthesis', string> = {
  statement: '-',
  parenthesis: '(',
  'quoted string': "'",
  'quoted identifier': '"',
  'dollar-quoted string': '$',
  comment: '*',
}

const transactions: Record<SessionState, string> = {idle: '', open: '*', failed: '!', lost: '?'}

/**
 * psql's prompt with the target before it: `prod/cruddur (read-only)=*> `, in red if the target is protected. The signs are
 * psql's: `=` for a new statement or the open quote, `*` in a transaction, `!` in a failed one, `#` for a superuser.
 */
export function promptText(
  {target, access}: ShellSession,
  {database, superuser, state, open}: PromptState,
  style: Style,
): string {
  if (open === 'COPY data') return '>> '
  const where = `${target.name}/${oneLine(database)}`
  const label = access === 'free' ? where : style.red.bold(`${where} (${access})`)
  return `${label}${open === undefined ? '=' : promptSigns[open]}${transactions[state]}${superuser ? '#' : '>'} `
}
