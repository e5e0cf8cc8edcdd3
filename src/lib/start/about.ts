import type {Manifest} from '../cli/manifest.js'
import {type CommandHelp, describeCommands} from '../cli/surface.js'
import {embeddedVersion} from '../server/programs.js'

/** What `--version --json` gives. */
export interface VersionResult {
  version: string
  /** Of Node. */
  node: string
  /** As Node names it: linux, darwin, win32. */
  platform: string
  /** As Node names it: x64, arm64. */
  arch: string
  /** Of the Postgres that comes along; null where there is none for this platform. */
  postgres: string | null
}

/** What `--help --json` gives: one command, those of a topic, or all. */
export interface HelpResult {
  commands: CommandHelp[]
}

/** Which version this is, and what it runs on. */
export async function versionOf({version}: Manifest): Promise<VersionResult> {
  const {platform, arch, versions} = process
  return {version, node: versions.node, platform, arch, postgres: (await embeddedVersion()) ?? null}
}

/** The commands of that id or topic; all without one. */
export function helpOf(manifest: Manifest, id?: string): HelpResult {
  const commands = describeCommands(manifest.commands.values())
  return {
    commands:
      id === undefined ? commands : commands.filter((command) => command.id === id || command.id.startsWith(`${id}:`)),
  }
}
