import {existsSync, readFileSync, statSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {ConfigurationError, errorCode} from './errors.js'

/** Computed on use: in an application that bundles this package, `import.meta.url` may be missing. */
const ownFile = (): string => fileURLToPath(import.meta.url)

/**
 * The root folder of this package, which has `sql/`. It is searched upward, because modules in `src` and bundles in
 * `dist` are at different depths.
 * @throws ConfigurationError (`program_replaced`) if this file was removed while the program runs
 */
export function packageRoot(): string {
  const own = ownFile()
  // If this package was removed, the next package.json above is the user's own.
  if (!existsSync(own)) throw programReplaced()
  for (let folder = dirname(own), parent; ; folder = parent) {
    if (existsSync(join(folder, 'package.json'))) return folder
    parent = dirname(folder)
    if (parent === folder) throw programReplaced()
  }
}

/** The version in the package.json of this package. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {version: string}).version
}

/** Whether this file was removed or replaced since the process started. */
export function isReplaced(): boolean {
  const found = statSync(ownFile(), {throwIfNoEntry: false})
  return found === undefined || found.ctimeMs > performance.timeOrigin
}

/** Whether an error means that a file of this package is missing. */
export function lacksFile(error: unknown): boolean {
  const code = errorCode(error)
  const path = (error as {path?: unknown} | undefined)?.path
  return (
    code === 'MODULE_NOT_FOUND' ||
    (code === 'ENOENT' && typeof path === 'string' && path.startsWith(dirname(dirname(ownFile()))))
  )
}

export function programReplaced(cause?: unknown): ConfigurationError {
  return new ConfigurationError(`The files of cruddur-db in ${dirname(ownFile())} were removed or replaced.`, {
    code: 'program_replaced',
    next: ['Run the command again. If that fails, install cruddur-db again.'],
    cause,
  })
}
