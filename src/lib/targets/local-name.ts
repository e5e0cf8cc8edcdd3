/** The name of the developer's own database, which needs no confirmation. */
export const localName = 'local'
