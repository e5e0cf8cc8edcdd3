import {mkdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import type {ScratchServer} from '../dumps/file-schema.js'
import {OutputFile} from '../dumps/output-file.js'
import {ConfigurationError, errorCode, UsageError} from '../errors.js'
import {displayPath} from '../sql-files/sql-file.js'
import {baselineOf} from './baseline.js'
import {lookForMigrations, type MigrationFolder, newMigrationFolder} from './migration-files.js'

export interface NewMigrationOptions {
  cwd: string
  dir?: string
  /** What the migration does, in a few words. */
  name: string
  now: Date
  /** Servers on which `sql/schema.sql` is loaded for the baseline. */
  scratch: readonly ScratchServer[]
}

export interface NewMigrationResult {
  file: string
  version: string
  /** The migration that makes what `sql/schema.sql` has, in a project without migrations. */
  baseline: {file: string; version: string} | null
}

const template = '-- migrate:up\n\n\n-- migrate:down\n\n'

/**
 * Writes an empty migration with the next version. The first one in a project with `sql/schema.sql` comes after a baseline,
 * which makes what that file has.
 * @throws UsageError (`migration_name_invalid`), ConfigurationError
 */
export async function newMigration(options: NewMigrationOptions): Promise<NewMigrationResult> {
  const {cwd, dir, name, now, scratch} = options
  const words = fileWords(name)
  const found = lookForMigrations(cwd, dir)
  const folder = found?.path ?? newMigrationFolder(cwd, dir)
  const first = nextVersion(now, found)
  const baseline = (found?.files.length ?? 0) === 0 ? await baselineOf({cwd, scratch}) : undefined
  const version = baseline === undefined ? first : versionAfter(first)
  await mkdir(folder, {recursive: true}).catch((error: unknown) => {
    throw unwritable(folder, error)
  })
  const base = baseline === undefined ? undefined : {version: first, path: join(folder, `${first}_baseline.sql`)}
  if (base !== undefined) await writeNew(base.path, baseline ?? '')
  const path = join(folder, `${version}_${words}.sql`)
  await writeNew(path, template)
  return {
    file: displayPath(path, cwd),
    version,
    baseline: base === undefined ? null : {file: displayPath(base.path, cwd), version: base.version},
  }
}

/** The name in a file name: letters, digits and underscores. */
export function fileWords(name: string): string {
  const words = name
    .trim()
    .replace(/\.sql$/i, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '')
    .toLowerCase()
  if (words !== '' && Buffer.byteLength(words) <= 200) return words
  throw new UsageError(
    words === '' ? 'A migration needs a name with letters or digits.' : 'The name of the migration is too long.',
    {code: 'migration_name_invalid', next: ['Say what it does in a few words, for example: add_email_to_users']},
  )
}

/** The time in UTC as 14 digits, but always after the newest migration. */
export function nextVersion(now: Date, folder: MigrationFolder | undefined): string {
  const time = now.toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const newest = folder?.files.at(-1)?.version ?? ''
  return time > newest ? time : versionAfter(newest)
}

export const versionAfter = (version: string): string => String(BigInt(version) + 1n).padStart(14, '0')

/** Writes a whole file or none, and never replaces one. @throws ConfigurationError (`file_exists`, `file_unwritable`) */
export async function writeNew(path: string, text: string): Promise<void> {
  await OutputFile.write(path, {cwd: dirname(path)}, (handle) => handle.writeFile(text))
}

export function unwritable(path: string, error: unknown): ConfigurationError {
  return new ConfigurationError(`${path} cannot be written (${errorCode(error) ?? 'unknown reason'}).`, {
    code: 'file_unwritable',
    next: [`Check the folder ${dirname(path)}.`],
    details: {file: path},
    cause: error,
  })
}
