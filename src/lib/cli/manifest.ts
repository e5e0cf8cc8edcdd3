import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/** A flag in oclif's manifest. */
export interface ListedFlag {
  name: string
  type: 'boolean' | 'option'
  char?: string
  aliases?: string[]
  charAliases?: string[]
  allowNo?: boolean
  description?: string
  helpGroup?: string
  helpValue?: string | string[]
  hidden?: boolean
  multiple?: boolean
  options?: readonly string[]
  required?: boolean
  default?: unknown
}

/** A positional argument in oclif's manifest. */
export interface ListedArgument {
  name: string
  description?: string
  hidden?: boolean
  options?: readonly string[]
  required?: boolean
  default?: unknown
}

/** A command in oclif's manifest; oclif's own config has the same fields. */
export interface ListedCommand {
  id: string
  summary?: string
  description?: string
  usage?: string | string[]
  args: Record<string, ListedArgument>
  flags: Record<string, ListedFlag>
  examples?: (string | {command: string; description: string})[]
  hidden?: boolean
  strict?: boolean
  /** What the command connects to first: its target, or the maintenance database of that server. */
  connectsFirst?: 'target' | 'maintenance'
}

/** All commands, for help and for suggestions, without loading their code. */
export interface Manifest {
  /** The program's name. */
  bin: string
  /** `cruddur-db/0.1.0 linux-x64 node-v20.19.0` */
  version: string
  description: string
  /** All commands by id, sorted by id. */
  commands: ReadonlyMap<string, ListedCommand>
  topics: {name: string; description?: string}[]
}

/** The fields of package.json that this program reads. */
export interface PackageJson {
  name: string
  version: string
  description: string
  oclif: {
    bin: string
    topics: Record<string, {description: string}>
    plugins?: string[]
    hooks?: Record<string, unknown>
  }
}

export function readPackage(root: string): PackageJson {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson
}

/**
 * Reads the manifest that the build writes. Returns undefined if package.json names oclif plugins or hooks: they may add
 * commands, so only oclif knows all of them.
 */
export function readManifest(root: string): Manifest | undefined {
  const {name, version, description, oclif} = readPackage(root)
  if (oclif.plugins !== undefined || oclif.hooks !== undefined) return undefined
  const {commands} = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as {
    commands: Record<string, ListedCommand>
  }
  return {
    bin: oclif.bin,
    version: `${name}/${version} ${process.platform}-${process.arch} node-${process.version}`,
    description,
    commands: inOrder(Object.values(commands)),
    topics: Object.entries(oclif.topics).map(([topic, {description: about}]) => ({name: topic, description: about})),
  }
}

export function inOrder(commands: ListedCommand[]): Map<string, ListedCommand> {
  return new Map(commands.map((command) => [command.id, command] as const).sort(([a], [b]) => (a < b ? -1 : 1)))
}
