import {SqlSplitter} from '../sql-text/splitter.js'

/** An object of a schema, as pg_dump writes it. */
export interface SchemaObject {
  /** pg_dump's word for its kind, for example `TABLE`, `FK CONSTRAINT`, `COMMENT`. */
  type: string
  /** Null for an object that is in no schema. */
  schema: string | null
  /** For a part of a table, the table comes first: `users users_pkey`. */
  name: string
  /** Its statements. */
  sql: string
}

/** The comment before each object (_printTocEntry in pg_backup_archiver.c). */
const heading = /^-- Name: (.*); Type: ([A-Z ]+); Schema: (.*?); Owner: .*$/gm
/** Settings between the objects: they hold for all that follow, so they count as a part of those. */
const setting = /^SET default_(?:tablespace|table_access_method) = (.*);$/
/** Their values if the schema says nothing. */
const usual: readonly string[] = ["''", 'heap']

/** Splits a schema of pg_dump into its objects, in the order of the text. Comments inside of objects are part of them. */
export function schemaObjects(text: string): SchemaObject[] {
  const objects: SchemaObject[] = []
  const settings = new Map<string, string>()
  let current: SchemaObject | undefined
  const splitter = new SqlSplitter({file: 'schema'})
  for (const {kind, bytes, start} of [...splitter.push(Buffer.from(text)), ...splitter.end()]) {
    const [found] = [...bytes.toString('utf8', 0, start).matchAll(heading)].slice(-1)
    if (found !== undefined) {
      const [, name = '', type = '', schema = ''] = found
      current = {type, schema: schema === '-' ? null : schema, name, sql: ''}
      objects.push(current)
    }
    if (kind !== 'statement') continue
    const sql = bytes.toString('utf8', start)
    const [line, value = ''] = setting.exec(sql) ?? []
    if (line !== undefined) settings.set(line.slice(0, line.indexOf('=')), usual.includes(value) ? '' : `${line}\n`)
    else if (current !== undefined) current.sql += `${current.sql === '' ? prefixOf(current, settings) : '\n'}${sql}`
  }
  return objects.filter(({sql}) => sql !== '')
}

function prefixOf({type}: SchemaObject, settings: ReadonlyMap<string, string>): string {
  return /^(TABLE|INDEX|MATERIALIZED VIEW)$/.test(type) ? [...settings.values()].join('') : ''
}
