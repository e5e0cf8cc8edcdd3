/** The name that stands for the developer's own database, and needs no confirmation. */
export const localName = 'local'
