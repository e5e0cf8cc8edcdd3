import {StateError, UsageError} from '../errors.js'
import {displayPath} from '../sql-files/sql-file.js'
import {beginsAlike} from './expanded.js'
import type {MigrationFile, MigrationFolder} from './migration-files.js'
import type {Partial, Records} from './records.js'

export interface PendingOptions {
  cwd: string
  /** The version up to which migrations are wanted. */
  to?: string
  /** Whether migrations that are older than the newest applied one are wanted. */
  outOfOrder?: boolean
}

/**
 * The files that are not applied, in order, up to the wanted version.
 * @throws StateError (`migrations_out_of_order`, `migration_half_undone`, `migration_missing`), UsageError (`version_unknown`)
 */
export function pendingFiles(
  folder: MigrationFolder,
  {byVersion}: Pick<Records, 'byVersion'>,
  {cwd, to, outOfOrder = false}: PendingOptions,
): MigrationFile[] {
  const last = to === undefined ? undefined : versionNamed(to, folder)
  const records = [...byVersion.values()]
  const undone = records.find(({partial}) => partial?.direction === 'down')
  if (undone !== undefined) throw halfUndone(undone.version)
  const lost = records.find(
    ({version, partial}) => partial !== null && !folder.files.some((file) => file.version === version),
  )
  if (lost !== undefined) throw missing(lost.version, folder.path)
  const pending = folder.files.filter(({version}) => {
    const record = byVersion.get(version)
    return (record === undefined || record.partial !== null) && (last === undefined || version <= last)
  })
  const newest = records.reduce((max, {version, partial}) => (partial === null && version > max ? version : max), '')
  const late = pending.filter(({version}) => version < newest && !byVersion.has(version))
  if (late.length > 0 && !outOfOrder) throw tooLate(late, newest, cwd)
  return pending
}

/** The version that a user means by its 14 digits, or by the name of the file. */
export function versionNamed(named: string, {files}: MigrationFolder): string {
  const wanted = /^(\d{14})(?:_|$)/.exec(named)?.[1]
  if (wanted !== undefined && files.some(({version}) => version === wanted)) return wanted
  throw new UsageError(`There is no migration with the version ${named}.`, {
    code: 'version_unknown',
    next: ['Write the 14 digits at the beginning of its file name.'],
  })
}

/**
 * Refuses to go on with a half-done direction of a migration whose finished statements were changed. `text` is the present
 * one, with the files that it includes.
 * @throws StateError (`migration_changed`)
 */
export function requireUnchanged(file: string, partial: Partial | null, text: string): void {
  if (partial === null || beginsAlike(partial.text, text, partial.statements)) return
  const {statements, direction} = partial
  const one = statements === 1
  throw new StateError(
    `${file} is half ${direction === 'up' ? 'done' : 'undone'}, and its first ${one ? 'statement, which has' : `${statements} statements, which have`} run, ${one ? 'was' : 'were'} changed. Nothing was changed.`,
    {
      code: 'migration_changed',
      next: ['Write them as they were. What comes after them may be changed.'],
      details: {file, statements, stored: partial.text},
    },
  )
}

function tooLate(late: readonly MigrationFile[], newest: string, cwd: string): StateError {
  const files = late.map(({path}) => displayPath(path, cwd))
  return new StateError(
    `${files.join(', ')} ${late.length === 1 ? 'is' : 'are'} not applied, but older than ${newest}, which is. Nothing was changed.`,
    {
      code: 'migrations_out_of_order',
      next: [
        `Give ${late.length === 1 ? 'it' : 'them'} a newer version, so that the order is the same everywhere, or apply ${late.length === 1 ? 'it' : 'them'} all the same: --out-of-order`,
      ],
      details: {files, newest},
    },
  )
}

function halfUndone(version: string): StateError {
  return new StateError(`The migration ${version} is half undone. Nothing was changed.`, {
    code: 'migration_half_undone',
    next: ['Undo it to its end first.'],
    details: {version},
  })
}

function missing(version: string, folder: string): StateError {
  return new StateError(
    `The migration ${version} is half done, and its file is not in ${folder}. Nothing was changed.`,
    {
      code: 'migration_missing',
      next: ['Get the file from the branch that has it.'],
      details: {version},
    },
  )
}
