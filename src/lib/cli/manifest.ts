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
  /** The package's: `0.1.0` */
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
  oclif: {bin: string; topics: Record<string, {description: string}>}
}

/** Reads package.json of the folder `root`. */
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
