import type {Manifest} from '../cli/manifest.js'
import {type CommandHelp, describeCommands} from '../cli/surface.js'
import {embeddedVersion} from '../server/programs.js'

/** The result of `--version --json`. */
export interface VersionResult {
  version: string
  /** The version of Node. */
  node: string
  /** The platform as Node names it: linux, darwin or win32. */
  platform: string
  /** The processor architecture as Node names it: x64 or arm64. */
  arch: string
  /** The version of the embedded Postgres; null if there is none for this platform. */
  postgres: string | null
}

/** The result of `--help --json`: one command, the commands of a topic, or all commands. */
export interface HelpResult {
  commands: CommandHelp[]
}

export async function versionOf({version}: Manifest): Promise<VersionResult> {
  const {platform, arch, versions} = process
  return {version, node: versions.node, platform, arch, postgres: (await embeddedVersion()) ?? null}
}

/** Describes the command or the topic `id`, or all commands without one. */
export function helpOf(manifest: Manifest, id?: string): HelpResult {
  const commands = describeCommands(manifest.commands.values())
  return {
    commands:
      id === undefined ? commands : commands.filter((command) => command.id === id || command.id.startsWith(`${id}:`)),
  }
}
