import {existsSync, readdirSync, statSync} from 'node:fs'
import {basename, isAbsolute, join, relative, resolve} from 'node:path'
import {ConfigurationError} from '../errors.js'
import {packageRoot} from '../package-root.js'
import type {ScriptInput} from './run-file.js'

const seedNames = ['seed.sql', 'seed.sql.gz', 'seed']
const runnable = /\.(sql|csv)(\.gz)?$/

/** What to run: the path that was found, and the files that it stands for. */
export interface FoundScripts {
  path: string
  inputs: ScriptInput[]
}

/**
 * Finds the SQL file to run: `chosen`, else `name` in the nearest `sql` folder of `folders`, else the packaged one.
 * `folders` are looked through in order.
 */
export function findSqlFile(name: string, folders: string[], chosen?: string): FoundScripts {
  if (chosen !== undefined) return only(resolve(folders[0] ?? '.', chosen))
  const candidates = folders.map((folder) => join(folder, 'sql', name))
  return only(candidates.find((path) => existsSync(path)) ?? join(packageRoot(), 'sql', name))
}

/**
 * Finds the seed: `chosen`, a file or a folder, else `seed.sql` or the folder `seed` in the nearest `sql` folder of
 * `folders` that has one of them, else the packaged file. A folder stands for its files in name order.
 * @throws ConfigurationError (`seed_ambiguous`, `seed_folder_empty`)
 */
export function findSeed(folders: string[], chosen?: string): FoundScripts {
  if (chosen !== undefined) return fileOrFolder(resolve(folders[0] ?? '.', chosen))
  for (const folder of folders) {
    const found = seedNames.map((name) => join(folder, 'sql', name)).filter((path) => existsSync(path))
    if (found.length > 1) throw ambiguous(found)
    if (found[0] !== undefined) return fileOrFolder(found[0])
  }
  return only(join(packageRoot(), 'sql', 'seed.sql'))
}

/** A path as people write it: relative to `cwd` where it lies below. */
export function displayPath(path: string, cwd: string): string {
  const fromHere = relative(cwd, path)
  return fromHere === '' || fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere
}

function only(path: string): FoundScripts {
  return {path, inputs: [inputOf(path)]}
}

function fileOrFolder(path: string): FoundScripts {
  if (!statSync(path, {throwIfNoEntry: false})?.isDirectory()) return only(path)
  const names = readdirSync(path).filter((name) => runnable.test(name) && !name.startsWith('.'))
  if (names.length === 0) throw emptyFolder(path)
  // By code unit, as `ls` in the C locale: the order is the same on every machine.
  return {path, inputs: names.sort().map((name) => inputOf(join(path, name)))}
}

/** Digits before the table's name in a CSV's are there for the order: `01-users.csv`, `2_public.posts.csv.gz`. */
function inputOf(path: string): ScriptInput {
  const csv = /^(?:\d+[-_.])?(.+)\.csv(?:\.gz)?$/.exec(basename(path))
  return csv?.[1] === undefined ? {path} : {path, table: csv[1].split('.')}
}

function ambiguous(paths: string[]): ConfigurationError {
  return new ConfigurationError(`There is more than one seed: ${paths.join(' and ')}.`, {
    code: 'seed_ambiguous',
    next: ['Remove one, or choose one with --file.'],
    details: {files: paths},
  })
}

function emptyFolder(folder: string): ConfigurationError {
  return new ConfigurationError(`${folder} has no seed file.`, {
    code: 'seed_folder_empty',
    next: ['Put .sql or .csv files into it, each plain or as .gz.'],
    details: {file: folder},
  })
}
