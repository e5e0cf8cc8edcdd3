import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/** A flag of a command, as oclif's manifest has it. */
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

/** A positional argument of a command. */
export interface ListedArgument {
  name: string
  description?: string
  hidden?: boolean
  options?: readonly string[]
  required?: boolean
  default?: unknown
}

/** A command, as oclif's manifest has it and as oclif itself gives it. */
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
  /** What it connects to before all else: its target, or another database of that server. */
  connectsFirst?: 'target' | 'maintenance'
}

/** What can be called, without loading any of it: what help shows and what a typing error is measured by. */
export interface Manifest {
  /** The program's name. */
  bin: string
  /** `cruddur-db/0.1.0 linux-x64 node-v20.19.0` */
  version: string
  description: string
  /** Every id with its command, in the order of the ids. */
  commands: ReadonlyMap<string, ListedCommand>
  topics: {name: string; description?: string}[]
}

/** What of package.json is needed. */
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

/** Reads package.json of the folder `root`. */
export function readPackage(root: string): PackageJson {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson
}

/**
 * Reads it from the manifest that is built with the commands, so there is no second list of them. Undefined
 * where package.json names plugins or hooks of oclif's: they may add to it, so only oclif itself can tell.
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

/** Commands by their ids, in the order of the ids. */
export function inOrder(commands: ListedCommand[]): Map<string, ListedCommand> {
  return new Map(commands.map((command) => [command.id, command] as const).sort(([a], [b]) => (a < b ? -1 : 1)))
}
