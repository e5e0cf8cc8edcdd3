import {existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import {foldersOfRepository} from '../targets/folders.js'
import {serverDatabases} from '../targets/protection.js'
import {serverFiles} from './home.js'

/** What the embedded server's folder keeps of a project: where it lies, and the folder's own number, which a rename keeps. */
interface ProjectRecord {
  folder: string
  inode: string
}

/** Of the 63 bytes of a name, what leaves room for the names that a setup derives from it. */
const maxBytes = 40

/**
 * The database of the project that `cwd` is in, on the embedded server below `home`: all of a user's projects share that
 * server. It is called after the project's package.json or its folder; where another project has that name already, with
 * a number. `record` keeps it for this project from now on, whatever is renamed and wherever the folder is moved on its disk.
 * @throws ConfigurationError (`home_unusable`)
 */
export function projectDatabase(home: string, cwd: string, {record}: {record: boolean}): string {
  const folder = projectFolder(cwd)
  const place = join(serverFiles(home).cluster, 'projects')
  const records = readRecords(place)
  const [own] = [...records]
    .filter(([, found]) => isOf(found, folder))
    .sort(([, found]) => (found.folder === folder ? -1 : 1))
  if (own !== undefined) return own[0]
  const name = nameOf(folder)
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}_${number}`
    if (records.has(candidate)) continue
    // Another command may be faster.
    if (!record || writeRecord(place, candidate, folder)) return candidate
    const other = readRecord(join(place, candidate))
    if (isOf(other, folder)) return candidate
  }
}

/** The nearest folder with SQL files, else with a package.json, else the repository's root. */
function projectFolder(cwd: string): string {
  const folders = foldersOfRepository(cwd)
  const withFile = (name: string): string | undefined => folders.find((folder) => existsSync(join(folder, name)))
  return withFile('sql') ?? withFile('package.json') ?? folders.at(-1) ?? cwd
}

function nameOf(folder: string): string {
  const name = toDatabaseName(packageName(folder) ?? '') || toDatabaseName(basename(folder)) || 'app'
  return serverDatabases.includes(name) ? `${name}_app` : name
}

/** Undefined where there is no package.json, or none with a name. */
function packageName(folder: string): string | undefined {
  try {
    const {name} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {name?: unknown}
    return typeof name === 'string' ? name : undefined
  } catch {
    return undefined
  }
}

/** Letters and digits with underscores between them, so that SQL can name it without quotes; no npm scope. */
function toDatabaseName(text: string): string {
  const plain = text
    .replace(/^@[^/]*\//, '')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .normalize('NFC')
    .toLowerCase()
  let name = ''
  for (const character of plain.replaceAll(/[^\p{L}\p{N}]+/gu, '_').replace(/^_/, '')) {
    if (Buffer.byteLength(name + character) > maxBytes) break
    name += character
  }

  return name.replace(/_$/, '')
}

function readRecords(place: string): Map<string, ProjectRecord> {
  try {
    return new Map(
      readdirSync(place)
        .filter((name) => !name.startsWith('.'))
        .map((name) => [name, readRecord(join(place, name))]),
    )
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return new Map()
    throw error
  }
}

function readRecord(file: string): ProjectRecord {
  try {
    const {folder, inode} = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProjectRecord>
    return {folder: String(folder), inode: String(inode)}
  } catch (error) {
    throw unusable(file, error)
  }
}

/** Writes the record of a name, whole from the first moment; false where it is taken. */
function writeRecord(place: string, name: string, folder: string): boolean {
  const file = join(place, name)
  const draft = join(place, `.${name}.${process.pid}`)
  try {
    mkdirSync(place, {mode: 0o700, recursive: true})
    writeFileSync(draft, JSON.stringify({folder, inode: inodeOf(folder)}), {mode: 0o600})
    linkSync(draft, file)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw unusable(file, error)
  } finally {
    rmSync(draft, {force: true})
  }
}

function isOf({folder, inode}: ProjectRecord, own: string): boolean {
  return folder === own || (inode === inodeOf(own) && !existsSync(folder))
}

function inodeOf(folder: string): string | undefined {
  const found = statSync(folder, {bigint: true, throwIfNoEntry: false})
  return found && `${found.dev}:${found.ino}`
}

function unusable(file: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(`${file} cannot be used (${errorCode(cause) ?? 'it is no record of a project'}).`, {
    code: 'home_unusable',
    next: ['Remove it if it is damaged: it only says which project a database belongs to.'],
    cause,
  })
}
