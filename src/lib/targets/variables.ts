import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {parseEnv} from 'node:util'
import {ConfigurationError, errorCode} from '../errors.js'
import {foldersOfRepository} from './folders.js'
import {type UserFiles, userFiles} from './user-files.js'

/** A variable's value and where it stood: `path` is the `.env` file, undefined for the process environment. */
export interface FoundVariable {
  value: string
  path?: string
}

/** The process environment and the `.env` files of the repository, nearest first. */
export interface Variables {
  find(name: string): FoundVariable | undefined
  /** Every place in which it is set, the one that counts first. */
  findAll(name: string): FoundVariable[]
  /** Every name that is set anywhere. */
  names(): string[]
  /** The `.env` files that were looked for, whether there or not. */
  places: string[]
  /** Where libpq looks for the user's own files. */
  files: UserFiles
}

/**
 * Reads the settings as `env` and the `.env` files from `cwd` up to the repository's root give them: the environment
 * wins over a file, the nearer file over the farther.
 * @throws ConfigurationError (`env_file_unreadable`)
 */
export function readVariables(env: NodeJS.ProcessEnv, cwd: string): Variables {
  const places = foldersOfRepository(cwd).map((folder) => join(folder, '.env'))
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
    find: (name) => findAll(name)[0],
    names() {
      const set = new Set([...Object.keys(env), ...files.flatMap(({values}) => Object.keys(values))])
      return [...set].sort()
    },
  }
}

function readEnvFile(path: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''))
  } catch (error) {
    const code = errorCode(error)
    // A folder named .env is a Python virtual environment, as a rule.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return {}
    throw new ConfigurationError(`${path} cannot be read.`, {
      code: 'env_file_unreadable',
      next: [`Make it readable, or set the variable in the environment.`],
      cause: error,
    })
  }
}
