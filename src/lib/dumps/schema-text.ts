/** The last line of everything that pg_dump has written to its end. */
export const closing = '\n--\n-- PostgreSQL database dump complete\n--\n'

/** The lines that differ between servers with the same schema, or that servers before 17 refuse. */
const versions = /^(-- Dumped (?:from database|by pg_dump) version .*\n)+\n?/m
const newSetting = 'SET transaction_timeout = 0;\n'

/**
 * The text of pg_dump as it is kept in files: without versions, so that the same schema gives the same bytes on every
 * server, and without a setting that servers before 17 do not have.
 * @throws TypeError if the text is not complete
 */
export function portableSchema(text: string): string {
  const body = `${text.trimEnd()}\n`
  if (!body.endsWith(closing)) throw new TypeError('pg_dump did not write its last line')
  const head = body.slice(0, body.indexOf('\nSELECT pg_catalog.set_config('))
  return head.replace(versions, '').replace(newSetting, '') + body.slice(head.length)
}
