import type {ListedCommand} from '../cli/manifest.js'
import {describeCommands} from '../cli/surface.js'
import {bashScript} from './bash.js'
import {fishScript} from './fish.js'
import {zshScript} from './zsh.js'

const writers = {bash: bashScript, zsh: zshScript, fish: fishScript}

export type ShellName = keyof typeof writers

export const shells = Object.keys(writers) as ShellName[]

/** A completion script for one shell. */
export interface CompletionScript {
  shell: ShellName
  script: string
}

/** Writes the completion script for a shell. It contains everything, so that Tab does not start this program. */
export function completionScript(shell: ShellName, commands: Iterable<ListedCommand>): CompletionScript {
  return {shell, script: writers[shell](describeCommands(commands))}
}
