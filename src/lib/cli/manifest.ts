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

/** A command in oclif's manifest. */
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
  /** Whether the command runs pg_dump, at once or perhaps later. */
  runsPgDump?: 'first' | 'later'
}

/** All commands, for help and for suggestions, without loading their code. */
export interface Manifest {
  /** The program's name. */
  bin: string
  /** The package's: `0.1.0` */
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
  oclif: {bin: string; topics: Record<string, {description: string}>}
}

export function readPackage(root: string): PackageJson {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson
}

/** Reads what `npm run build` has made of the commands: with it no command has to be loaded to be listed. */
export function readManifest(root: string): Manifest {
  const text = readFileSync(join(root, 'oclif.manifest.json'), 'utf8')
  const {commands} = JSON.parse(text) as {commands: Record<string, ListedCommand>}
  return manifestOf(readPackage(root), Object.values(commands))
}

/** The manifest of these commands, in the order of their ids. */
export function manifestOf({version, description, oclif}: PackageJson, listed: readonly ListedCommand[]): Manifest {
  const commands = new Map(listed.map((command) => [command.id, command] as const).sort(([a], [b]) => (a < b ? -1 : 1)))
  const topics = Object.entries(oclif.topics).map(([name, topic]) => ({name, description: topic.description}))
  return {bin: oclif.bin, version, description, commands, topics}
}

/** `cruddur-db/0.1.0 linux-x64 node-v24.0.0` */
export function versionLine({bin, version}: Manifest): string {
  return `${bin}/${version} ${process.platform}-${process.arch} node-${process.version}`
}
