import {type DumpHeading, dumpParts} from './dump-parts.js'

/** An object of a schema, as pg_dump writes it. */
export interface SchemaObject extends DumpHeading {
  /** Its statements. */
  sql: string
}

/** Settings between the objects: they hold for all that follow, so they count as a part of those. */
const setting = /^SET default_(?:tablespace|table_access_method) = (.*);$/
/** Their values if the schema says nothing. */
const usual: readonly string[] = ["''", 'heap']

/** Splits a schema of pg_dump into its objects, in the order of the text. Comments inside of objects are part of them. */
export function schemaObjects(text: string): SchemaObject[] {
  const objects: SchemaObject[] = []
  const settings = new Map<string, string>()
  for (const part of dumpParts(text)) {
    if (typeof part !== 'string') {
      objects.push({...part, sql: ''})
      continue
    }
    const [line, value = ''] = setting.exec(part) ?? []
    const current = objects.at(-1)
    if (line !== undefined) settings.set(line.slice(0, line.indexOf('=')), usual.includes(value) ? '' : `${line}\n`)
    else if (current !== undefined) current.sql += `${current.sql === '' ? prefixOf(current, settings) : '\n'}${part}`
  }
  return objects.filter(({sql}) => sql !== '')
}

function prefixOf({type}: SchemaObject, settings: ReadonlyMap<string, string>): string {
  return /^(TABLE|INDEX|MATERIALIZED VIEW)$/.test(type) ? [...settings.values()].join('') : ''
}
