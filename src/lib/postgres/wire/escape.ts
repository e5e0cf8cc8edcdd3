import pg from 'pg'

/** Quotes a name for SQL, by the driver. */
export const escapeIdentifier: (name: string) => string = (name) => pg.escapeIdentifier(name)

/** Quotes a text as a SQL literal, by the driver. */
export const escapeLiteral: (text: string) => string = (text) => pg.escapeLiteral(text)
