/** A name in a statement, as part of a regular expression. */
export const name = String.raw`(?:"(?:[^"]|"")*"|[^\s".(;]+)`

/** A name with the names of what it is in. */
export const path = String.raw`${name}(?:\.${name})*`
