import {join} from 'node:path'
import {readEnvFile, refuseReference} from './env-file.js'
import {foldersOfRepository} from './folders.js'
import {type UserFiles, userFiles} from './user-files.js'

/** The value of a variable. `path` is its `.env` file, undefined for the environment. */
export interface FoundVariable {
  value: string
  path?: string
}

/** The environment and the `.env` files of the repository, nearest first. */
export interface Variables {
  /** @throws ConfigurationError (`env_reference`) */
  find(name: string): FoundVariable | undefined
  /** All values of the variable; the first one counts. */
  findAll(name: string): FoundVariable[]
  /** The names of all variables. */
  names(): string[]
  /** The paths of all `.env` files that were tried, even if they do not exist. */
  places: string[]
  /** Where libpq looks for files of the user. */
  files: UserFiles
}

/**
 * Reads variables from `env` and from the `.env` files between `cwd` and the repository's root. The environment overrides
 * files, and a nearer file overrides a farther one.
 * @throws ConfigurationError (`env_file_unreadable`, `env_file_not_utf8`, `folder_of_other_user`)
 */
export function readVariables(env: NodeJS.ProcessEnv, cwd: string): Variables {
  const places = foldersOfRepository(cwd, {env}).map((folder) => join(folder, '.env'))
  const files = places.map((path) => ({path, values: readEnvFile(path)}))
  const findAll = (name: string): FoundVariable[] => {
    const inShell = env[name] === undefined ? [] : [{value: env[name]}]
    const inFiles = files.flatMap(({path, values}) => (values[name] === undefined ? [] : [{value: values[name], path}]))
    return [...inShell, ...inFiles]
  }
  return {
    places,
    files: userFiles(env),
    findAll,
    find(name) {
      const [found] = findAll(name)
      if (found?.path !== undefined) refuseReference(name, {value: found.value, path: found.path})
      return found
    },
    names() {
      const set = new Set([...Object.keys(env), ...files.flatMap(({values}) => Object.keys(values))])
      return [...set].sort()
    },
  }
}
