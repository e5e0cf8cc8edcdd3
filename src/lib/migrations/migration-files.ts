import {readdirSync, statSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import {displayPath} from '../sql-files/sql-file.js'
import {foldersOfRepository} from '../targets/folders.js'

/** A file `<14 digits>_<name>.sql`, as dbmate has them. */
export interface MigrationFile {
  /** The 14 digits. */
  version: string
  /** The name without the version and the ending. */
  name: string
  path: string
}

export interface MigrationFolder {
  path: string
  /** In the order of their versions. */
  files: MigrationFile[]
}

/** The folder in which migrations are looked for, and made. */
const defaultFolder = join('sql', 'migrations')

/** One direction of golang-migrate may have 14 digits, too. */
const fileName = /^(\d{14})_(.+)(?<!\.(?:up|down))\.sql$/

/** Other programs' names, with what to do about them. */
const otherNames: readonly (readonly [program: string, name: RegExp, advice: string])[] = [
  ['Flyway', /^[VURB][\d._]*__.+\.sql$/, 'Rename it, for example V1__users.sql to 20260101000001_users.sql.'],
  [
    'golang-migrate',
    /^\d+_.+\.(up|down)\.sql$/,
    'Make one file of each pair, for example 20260101000001_users.sql, with -- migrate:up before the one part and -- migrate:down before the other.',
  ],
]

/**
 * Finds the migrations: in `dir`, which is relative to `cwd`, or in `sql/migrations` of the nearest folder that has it.
 * @throws ConfigurationError (`migrations_missing`, `migration_name_invalid`, `migration_version_twice`)
 */
export function findMigrations(cwd: string, dir?: string): MigrationFolder {
  const found = lookForMigrations(cwd, dir)
  if (found !== undefined) return found
  throw new ConfigurationError(
    dir === undefined
      ? `There is no folder ${defaultFolder} in ${foldersOfRepository(cwd).join(' or ')}.`
      : `${dir} is not a folder.`,
    {code: 'migrations_missing', details: {folder: dir ?? defaultFolder}},
  )
}

/** Finds the migrations like {@link findMigrations}; undefined if there is no such folder. */
export function lookForMigrations(cwd: string, dir?: string): MigrationFolder | undefined {
  const places =
    dir === undefined ? foldersOfRepository(cwd).map((folder) => join(folder, defaultFolder)) : [resolve(cwd, dir)]
  const path = places.find(isFolder)
  return path === undefined ? undefined : {path, files: filesIn(path, cwd)}
}

/** Where a new migration is written if there is no folder yet. */
export function newMigrationFolder(cwd: string, dir?: string): string {
  return resolve(cwd, dir ?? defaultFolder)
}

function filesIn(folder: string, cwd: string): MigrationFile[] {
  const files = namesIn(folder)
    .filter((name) => /\.sql$/i.test(name) && !name.startsWith('.'))
    .map((name) => {
      const [, version, own] = fileName.exec(name) ?? []
      if (version === undefined || own === undefined) throw badName(displayPath(join(folder, name), cwd), name)
      return {version, name: own, path: join(folder, name)}
    })
    .sort((a, b) => (a.version < b.version ? -1 : a.version > b.version ? 1 : a.name < b.name ? -1 : 1))
  const twice = files.find(({version}, index) => files[index + 1]?.version === version)
  if (twice !== undefined)
    throw usedTwice(
      files.filter(({version}) => version === twice.version),
      cwd,
    )
  return files
}

/** False also if a part of the path is a file. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (error) {
    if (/^(?:ENOENT|ENOTDIR)$/.test(errorCode(error) ?? '')) return false
    throw unreadable(path, error)
  }
}

function namesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, {withFileTypes: true})
    const other = entries.find((entry) => /\.sql$/i.test(entry.name) && !entry.isFile() && !entry.isSymbolicLink())
    if (other !== undefined) throw noFile(join(folder, other.name))
    return entries.map(({name}) => name)
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    throw unreadable(folder, error)
  }
}

function unreadable(folder: string, error: unknown): ConfigurationError {
  return new ConfigurationError(`${folder} cannot be read (${errorCode(error) ?? 'unknown reason'}).`, {
    code: 'file_unreadable',
    details: {file: folder},
    cause: error,
  })
}

function noFile(path: string): ConfigurationError {
  return new ConfigurationError(`${path} is not a file. Nothing was changed.`, {
    code: 'migration_name_invalid',
    next: ['Move it out of the folder.'],
    details: {file: path},
  })
}

function badName(file: string, name: string): ConfigurationError {
  const [program, , advice] = otherNames.find(([, pattern]) => pattern.test(name)) ?? []
  const of = program === undefined ? '' : ` It looks like one of ${program}.`
  return new ConfigurationError(
    `${file} is not named like a migration, which begins with 14 digits and an underscore.${of} Nothing was changed.`,
    {
      code: 'migration_name_invalid',
      next: [advice ?? 'Rename it, for example to 20260101000001_users.sql, or move it out of the folder.'],
      details: {file, program: program ?? null},
    },
  )
}

function usedTwice(files: readonly MigrationFile[], cwd: string): ConfigurationError {
  const names = files.map(({path}) => displayPath(path, cwd))
  return new ConfigurationError(`Two migrations have the same version: ${names.join(' and ')}. Nothing was changed.`, {
    code: 'migration_version_twice',
    next: ['Give one of them another version, if it is not applied anywhere.'],
    details: {files: names},
  })
}
