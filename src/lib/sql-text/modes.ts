/** Why a lexer stopped; `more` means that it needs more bytes. */
export type Stop = 'more' | 'semicolon' | 'backslash' | 'variable'

/** What can be open at the end of a script. */
export type Opening = 'quoted string' | 'quoted identifier' | 'comment' | 'dollar-quoted string'

export const top = 0
export const string = 1
export const escapeString = 2
export const identifier = 3
export const dollar = 4
export const lineComment = 5
export const blockComment = 6

/** What is open in a mode; undefined where a script may end. */
export const openings: Readonly<Record<number, Opening>> = {
  [string]: 'quoted string',
  [escapeString]: 'quoted string',
  [identifier]: 'quoted identifier',
  [dollar]: 'dollar-quoted string',
  [blockComment]: 'comment',
}
