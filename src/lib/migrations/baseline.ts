import {onBestServer} from '../dumps/best-server.js'
import {schemaOfFiles, type ScratchServer} from '../dumps/file-schema.js'
import {lookForSchema} from '../dumps/schema-diff.js'
import {withoutRecords} from '../dumps/records-objects.js'
import {ConfigurationError} from '../errors.js'
import {SqlSplitter} from '../sql-text/splitter.js'
import {displayPath} from '../sql-files/sql-file.js'

export interface BaselineOptions {
  cwd: string
  scratch: readonly ScratchServer[]
}

/**
 * The text of a migration that makes what `sql/schema.sql` makes; undefined if there is no such file. It is the schema of a
 * database in which the file was run, so what the file drops first is not in it.
 * @throws ConfigurationError (`baseline_incomplete`), SqlError (the file fails)
 */
export async function baselineOf({cwd, scratch}: BaselineOptions): Promise<string | undefined> {
  const files = lookForSchema(cwd)
  if (files === undefined) return undefined
  const file = displayPath(files.path, cwd)
  const {sql, skipped} = await onBestServer(
    scratch,
    (server) => schemaOfFiles(files.inputs, {cwd, database: 'app', owners: false}, server),
    (loaded) => loaded.skipped.length,
  )
  const [first] = skipped
  if (first !== undefined)
    throw new ConfigurationError(
      `The schema of ${file} cannot be read, because ${first.file}:${first.line} cannot be run here: ${first.reason} Nothing was written.`,
      {
        code: 'baseline_incomplete',
        next: ['Write the first migration by hand: a file like sql/migrations/20260101000000_baseline.sql.'],
        details: {skipped},
      },
    )
  return baselineText(file, sql)
}

/** The text of a migration that makes a schema of pg_dump; `owner` is the file or database that has it. */
export function baselineText(owner: string, sql: string): string {
  return `-- What ${owner} had when migrations began.\n\n-- migrate:up\n\n${forTransaction(sql)}\n\n-- migrate:down\n\n`
}

/** Settings of a dump that objects depend on. The others are those of a session that loads a dump. */
const neededSetting = /^SET (?:check_function_bodies|xmloption|default_tablespace|default_table_access_method) /

/**
 * A dump as a part of a transaction: its settings must not hold for the migrations that follow in the session. Without the
 * table of the records, which `migrate` makes.
 */
function forTransaction(sql: string): string {
  const splitter = new SqlSplitter({file: 'dump'})
  const parts = [...splitter.push(Buffer.from(withoutRecords(sql))), ...splitter.end()].map(({bytes, start}) => {
    const [before, text] = [bytes.toString('utf8', 0, start), bytes.toString('utf8', start)]
    if (!/^SET |^SELECT pg_catalog\.set_config\('search_path'/.test(text)) return `${before}${text}`
    if (text.startsWith('SELECT')) return `${before}SET LOCAL search_path = '';`
    return neededSetting.test(text) ? `${before}${text.replace('SET', 'SET LOCAL')}` : before.trimEnd()
  })
  return parts
    .join('')
    .replace(/^--\n-- PostgreSQL database dump\n--\s*/, '')
    .replace(/\n--\n-- PostgreSQL database dump complete\n--\s*$/, '')
    .trim()
}
