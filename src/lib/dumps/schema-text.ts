import {restrictKey} from './pg-dump/pg-dump.js'

/** The last lines of a dump. */
export const closing = '\n--\n-- PostgreSQL database dump complete\n--\n'

/** The last lines of pg_dump itself. */
const ending = `${closing}\n\\unrestrict ${restrictKey}\n`

/** The lines at the beginning that differ between servers with the same schema, or that psql alone understands. */
const opening = new RegExp(
  `^(--\\n-- PostgreSQL database dump\\n--\\n)\\n\\\\restrict ${restrictKey}\\n\\n(?:-- Dumped (?:from database|by pg_dump) version .*\\n)+`,
)
/** A setting that servers before 17 do not have. It is among the first lines. */
const newSetting = /^SET transaction_timeout = 0;\n/m

/** What a server before 15 has of the schema that every database has. It has no effect. */
const publicSchema = `--
-- Name: public; Type: SCHEMA; Schema: -; Owner: -
--

-- *not* creating schema, since initdb creates it


`

/**
 * The text of pg_dump as it is kept in files: without versions, so that the same schema gives the same bytes on every
 * server; without commands of psql, so that every client can run it; and without a setting that older servers lack.
 * @throws TypeError if the text is not complete
 */
export function portableSchema(text: string): string {
  const body = `${text.trimEnd()}\n`
  const end = body.length - ending.length
  if (!body.endsWith(ending) || !opening.test(body)) throw new TypeError('pg_dump did not write its first or last line')
  const settings = body.indexOf('\nSELECT pg_catalog.set_config(')
  const head = body.slice(0, settings).replace(opening, '$1').replace(newSetting, '')
  return `${head}${withoutPublic(body.slice(settings, end))}${closing}`
}

/** Nothing is left out if a text of the user, for example a comment, has the same lines. */
function withoutPublic(text: string): string {
  const [before = '', after, ...more] = text.split(publicSchema)
  return after === undefined || more.length > 0 ? text : before + after
}
