import {existsSync, statSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {ConfigurationError, errorCode} from './errors.js'

/** Asked when it is needed: an application may be bundled with this package into a file that has no URL. */
const ownFile = (): string => fileURLToPath(import.meta.url)

/**
 * The folder of this package: where `sql/` lies. It is looked for upward, since a module's own place is another one in
 * `src` than in the bundles of `dist`.
 * @throws ConfigurationError (`program_replaced`) where this module's own file was removed meanwhile
 */
export function packageRoot(): string {
  const own = ownFile()
  // Above a removed package lies the one of the project that it was installed in.
  if (!existsSync(own)) throw programReplaced()
  for (let folder = dirname(own), parent; ; folder = parent) {
    if (existsSync(join(folder, 'package.json'))) return folder
    parent = dirname(folder)
    if (parent === folder) throw programReplaced()
  }
}

/** Whether this module's own file is not the one that was there when the process started: it was removed, or replaced. */
export function isReplaced(): boolean {
  const found = statSync(ownFile(), {throwIfNoEntry: false})
  return found === undefined || found.ctimeMs > performance.timeOrigin
}

/** Whether something was thrown because a file of this package is missing. */
export function lacksFile(error: unknown): boolean {
  const code = errorCode(error)
  const path = (error as {path?: unknown} | undefined)?.path
  return (
    code === 'MODULE_NOT_FOUND' ||
    (code === 'ENOENT' && typeof path === 'string' && path.startsWith(dirname(dirname(ownFile()))))
  )
}

/** The error of a program whose files were removed or replaced while it ran. */
export function programReplaced(cause?: unknown): ConfigurationError {
  return new ConfigurationError(`The files of cruddur-db in ${dirname(ownFile())} were removed or replaced.`, {
    code: 'program_replaced',
    next: ['Run the command again. If that fails, install cruddur-db again.'],
    cause,
  })
}
