import pg from 'pg'

/** A name as SQL text, quoted and escaped by the driver. */
export const escapeIdentifier: (name: string) => string = (name) => pg.escapeIdentifier(name)

/** A text as a literal of SQL, quoted and escaped by the driver. */
export const escapeLiteral: (text: string) => string = (text) => pg.escapeLiteral(text)
