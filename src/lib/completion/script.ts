import type {ListedCommand} from '../cli/manifest.js'
import {describeCommands} from '../cli/surface.js'
import {bashScript} from './bash.js'
import {fishScript} from './fish.js'
import {zshScript} from './zsh.js'

const writers = {bash: bashScript, zsh: zshScript, fish: fishScript}

/** A shell that there is completion for. */
export type Shell = keyof typeof writers

/** All of them. */
export const shells = Object.keys(writers) as Shell[]

/** A shell's script for completion. */
export interface CompletionScript {
  shell: Shell
  script: string
}

/** Writes the script that completes these commands in a shell. It holds all it needs: nothing of this tool runs at Tab. */
export function completionScript(shell: Shell, commands: Iterable<ListedCommand>): CompletionScript {
  return {shell, script: writers[shell](describeCommands(commands))}
}
