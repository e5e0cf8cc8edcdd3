import type {ScratchServer} from '../dumps/file-schema.js'
import type {SchemaSource} from '../dumps/schema-diff.js'
import {type ChangeOptions, type ChangeSide, proposeChange, type SchemaChange} from '../schema-change/change.js'
import {keyOfShown} from '../schema-change/questions.js'
import {fileSide, targetSide} from '../schema-change/sides.js'
import {rowsOf} from './known-rows.js'

export interface DiffSqlOptions extends Pick<ChangeOptions, 'choices' | 'ask' | 'plain'> {
  cwd: string
  /** The name of the database in the files. */
  database: string
  a: SchemaSource
  b: SchemaSource
  scratch: readonly ScratchServer[]
  /** Tables that are made again, as people name them. */
  rebuild: readonly string[]
}

/** Proposes the SQL that changes one schema into another. No target is changed. See {@link proposeChange}. */
export async function diffAsSql({a, b, cwd, database, rebuild, ...options}: DiffSqlOptions): Promise<SchemaChange> {
  const side = (source: SchemaSource): ChangeSide => {
    if ('files' in source) return fileSide(source.files, {cwd, database})
    if ('context' in source) return targetSide(source.label, source.context, {cwd, database})
    throw new TypeError('a schema that is made on a server has no side')
  }
  return proposeChange({
    ...options,
    ...rowsOf('context' in a ? a.context : undefined),
    ...{from: side(a), to: side(b), rebuilt: new Set(rebuild.map(keyOfShown)), down: false},
  })
}
