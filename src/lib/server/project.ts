import {existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import {foldersOfRepository} from '../targets/folders.js'
import {serverDatabases} from '../targets/protection.js'
import {serverFiles} from './home.js'

/** The folder of a project and its inode, which a rename keeps. It is stored in the embedded server's folder. */
interface ProjectRecord {
  folder: string
  inode: string
}

/** Shorter than the 63 bytes of Postgres, because setup adds suffixes to the name. */
const maxProjectNameBytes = 40

/**
 * The name of the database for the project in `cwd`, because all projects of a user share one embedded server. It comes
 * from package.json or the folder, with a number if another project has that name. `record` stores it, so that the project
 * keeps its database when it is renamed or moved on the same disk.
 * @throws ConfigurationError (`home_unusable`, `folder_missing`)
 */
export function projectDatabase(home: string, cwd: string, {record}: {record: boolean}): string {
  const folder = projectFolder(cwd)
  if (!existsSync(folder)) throw folderMissing()
  const recordFolder = join(serverFiles(home).cluster, 'projects')
  const records = readRecords(recordFolder)
  const [own] = [...records]
    .filter(([, found]) => isOf(found, folder))
    .sort(([, found]) => (found.folder === folder ? -1 : 1))
  if (own !== undefined) return own[0]
  const name = projectName(folder)
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}_${number}`
    if (records.has(candidate)) continue
    // Another command may write its record first.
    if (!record || writeRecord(recordFolder, candidate, folder)) return candidate
    const other = readRecord(join(recordFolder, candidate))
    if (isOf(other, folder)) return candidate
  }
}

function folderMissing(): ConfigurationError {
  return new ConfigurationError('The current folder was deleted. It determines the database on the embedded server.', {
    code: 'folder_missing',
    next: ['Change to the folder of your project, or set CONNECTION_URL.'],
  })
}

/** The nearest folder with sql/, or with package.json, or the root of the repository. */
function projectFolder(cwd: string): string {
  const folders = foldersOfRepository(cwd)
  const withFile = (name: string): string | undefined => folders.find((folder) => existsSync(join(folder, name)))
  return withFile('sql') ?? withFile('package.json') ?? folders.at(-1) ?? cwd
}

function projectName(folder: string): string {
  const name = toDatabaseName(packageName(folder) ?? '') || toDatabaseName(basename(folder)) || 'app'
  return serverDatabases.includes(name) ? `${name}_app` : name
}

/** Undefined if there is no package.json, or it has no name. */
function packageName(folder: string): string | undefined {
  try {
    const {name} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {name?: unknown}
    return typeof name === 'string' ? name : undefined
  } catch {
    return undefined
  }
}

/** Converts text to letters, digits and underscores, without the npm scope, so that SQL needs no quotes. */
function toDatabaseName(text: string): string {
  const plain = text
    .replace(/^@[^/]*\//, '')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .normalize('NFC')
    .toLowerCase()
  let name = ''
  for (const character of plain.replaceAll(/[^\p{L}\p{N}]+/gu, '_').replace(/^_/, '')) {
    if (Buffer.byteLength(name + character) > maxProjectNameBytes) break
    name += character
  }

  return name.replace(/_$/, '')
}

function readRecords(recordFolder: string): Map<string, ProjectRecord> {
  try {
    return new Map(
      readdirSync(recordFolder)
        .filter((name) => !name.startsWith('.'))
        .map((name) => [name, readRecord(join(recordFolder, name))]),
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
    throw unusableRecord(file, error)
  }
}

/** Writes the record of a name in one step. Returns false if the name is already taken. */
function writeRecord(recordFolder: string, name: string, folder: string): boolean {
  const file = join(recordFolder, name)
  const draft = join(recordFolder, `.${name}.${process.pid}`)
  try {
    mkdirSync(recordFolder, {mode: 0o700, recursive: true})
    writeFileSync(draft, JSON.stringify({folder, inode: inodeOf(folder)}), {mode: 0o600})
    linkSync(draft, file)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw unusableRecord(file, error)
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

function unusableRecord(file: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(`${file} cannot be used (${errorCode(cause) ?? 'it is not a record of a project'}).`, {
    code: 'home_unusable',
    next: ['If it is damaged, remove it. It only says which project a database belongs to.'],
    cause,
  })
}
