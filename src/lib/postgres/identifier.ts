import pg from 'pg'

/** A name as SQL text, quoted and escaped by the driver. */
export const escapeIdentifier: (name: string) => string = (name) => pg.escapeIdentifier(name)
