import {commands} from './commands/index.js'
import type {Manifest} from './lib/cli/manifest.js'
import {PgDump} from './lib/dumps/pg-dump/pg-dump.js'
import {runProgram} from './lib/start/program.js'

export {commands}

/** Runs the command that was asked for, or answers with a JSON document. */
export function run(argv: readonly string[], manifest: Manifest): void {
  if (manifest.commands.get(argv[0] ?? '')?.runsPgDump === 'first') PgDump.preload()
  void runProgram(argv, manifest, commands)
}
