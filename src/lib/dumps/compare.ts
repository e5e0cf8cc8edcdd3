import {diffArrays} from 'diff'
import {isRecordsObject} from './records-objects.js'
import {type SchemaObject, schemaObjects} from './schema-objects.js'

/** A line of an object that is in both schemas. */
export interface DiffLine {
  /** Whether the line is in the first schema, in the second, or in both. */
  in: 'a' | 'b' | 'both'
  text: string
}

/** An object that is not the same in both schemas. */
export interface SchemaDifference {
  /** For people, in the words of pg_dump: `table public.users`, `comment on column public.users.id`. */
  object: string
  /** Where the object is: `both` means that it differs. */
  in: 'a' | 'b' | 'both'
  /** Whether only the order of its lines differs, for example of a table's columns. */
  orderOnly: boolean
  /** All its lines. */
  lines: DiffLine[]
}

/** Compares two schemas of pg_dump by their objects, in the order of their names. */
export function compareSchemas(a: string, b: string): SchemaDifference[] {
  return differingObjects(a, b).map(({one, other}): SchemaDifference => {
    const object = describeObject((one ?? other) as SchemaObject)
    if (one === undefined || other === undefined) {
      const only = one === undefined ? 'b' : 'a'
      const lines = linesOf((one ?? other) as SchemaObject).map((text): DiffLine => ({in: only, text}))
      return {object, in: only, orderOnly: false, lines}
    }
    const [left, right] = [linesOf(one), linesOf(other)]
    return {object, in: 'both', orderOnly: isOrderOnly(one, other), lines: diffLines(left, right)}
  })
}

/** An object as it is in each of two schemas. */
export interface ObjectPair {
  one: SchemaObject | undefined
  other: SchemaObject | undefined
}

/** The objects that are not the same in two schemas of pg_dump, in the order of their names. */
export function differingObjects(a: string, b: string): ObjectPair[] {
  const [inA, inB] = [byName(a), byName(b)]
  return [...new Set([...inA.keys(), ...inB.keys()])].sort(compareText).flatMap((key): ObjectPair[] => {
    const [one, other] = [inA.get(key), inB.get(key)]
    if (one !== undefined && other !== undefined && linesOf(one).join('\n') === linesOf(other).join('\n')) return []
    return [{one, other}]
  })
}

/** Whether two objects have the same lines in another order, for example a table its columns. */
export function isOrderOnly(one: SchemaObject, other: SchemaObject): boolean {
  return linesOf(one).sort(compareText).join('\n') === linesOf(other).sort(compareText).join('\n')
}

function byName(text: string): Map<string, SchemaObject> {
  const objects = new Map<string, SchemaObject>()
  for (const object of schemaObjects(text)) {
    if (isRecordsObject(object)) continue
    const key = [object.schema ?? '', object.name, object.type].join('\0')
    const same = objects.get(key)
    objects.set(key, same === undefined ? object : {...same, sql: `${same.sql}\n${object.sql}`})
  }
  return objects
}

/**
 * The lines to compare. A comma at the end of a line depends on the line after it, and the order of grants on the order in
 * which they were made.
 */
function linesOf({type, sql}: SchemaObject): string[] {
  const lines = sql.split('\n')
  if (type === 'ACL') return lines.sort(compareText)
  return /TABLE$|^TYPE$/.test(type) ? lines.map((line) => line.replace(/,$/, '')) : lines
}

function diffLines(left: string[], right: string[]): DiffLine[] {
  return diffArrays(left, right).flatMap(({added, removed, value}) =>
    value.map((text): DiffLine => ({in: added ? 'b' : removed ? 'a' : 'both', text})),
  )
}

/** Kinds whose names begin with the kind of what they are about. */
const about: Readonly<Record<string, string>> = {
  ACL: 'privileges on',
  COMMENT: 'comment on',
  'DEFAULT ACL': 'default privileges',
  'SECURITY LABEL': 'security label on',
}

/** Kinds whose names begin with the table. */
const ofTable = /CONSTRAINT$|^(?:TRIGGER|DEFAULT|POLICY|RULE|ROW SECURITY)$/

/** An object for people, in the words of pg_dump: `table public.users`. */
export function describeObject({type, schema, name}: SchemaObject): string {
  const [table = '', own, ...more] = name.split(' ')
  // A name with a space cannot be told from two names.
  if (ofTable.test(type) && own !== undefined && more.length === 0)
    return `${type.toLowerCase()} ${own} on ${schema === null ? '' : `${schema}.`}${table}`
  const preposition = about[type]
  const [, kind = '', rest = name] = (preposition !== undefined && /^([A-Z ]+) (.*)$/.exec(name)) || []
  const words = preposition === undefined ? type.toLowerCase() : `${preposition} ${kind.toLowerCase()}`.trim()
  return `${words} ${schema === null ? '' : `${schema}.`}${rest}`
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
