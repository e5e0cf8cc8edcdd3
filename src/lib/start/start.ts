import type {Command} from '@oclif/core'
import {readCommandLine, type Request, validationErrorOf} from '../cli/command-line.js'
import {usageFailure} from '../cli/failure.js'
import {type ListedCommand, type Manifest, readManifest, versionLine} from '../cli/manifest.js'
import {outcome} from '../cli/outcome.js'
import {outliveReaders} from '../cli/streams.js'
import {flagMeant} from '../cli/suggestions.js'
import {UsageError} from '../errors.js'
import {packageRoot} from '../package-root.js'
import {styleOf} from '../text/style.js'
import {helpWidth, renderHelp} from './help.js'
import {runCommand} from './run-command.js'

/** The classes of the commands, by id. */
export type CommandTable = Readonly<Record<string, Command.Class>>

/**
 * Where the program begins: answers the version, help and typing errors from the manifest, and runs a command for all
 * else. Returns whether the first argument is a command's name, or asks for help or the version. `manifest` is for code
 * that was not built.
 */
export function start(argv: readonly string[], commands: CommandTable, manifest?: Manifest): boolean {
  outliveReaders((failure) => outcome.fail(failure))
  outcome.begin(argv)
  try {
    answer(argv, commands, manifest ?? readManifest(packageRoot()))
    return true
  } catch (error) {
    outcome.fail(error)
    return !(error instanceof UsageError && error.code === 'command_unknown')
  }
}

function answer(argv: readonly string[], commands: CommandTable, manifest: Manifest): void {
  const request = readCommandLine(argv, manifest)
  if (request.kind !== 'command') return void tell(request, manifest)
  const listed = manifest.commands.get(request.id)
  if (listed !== undefined) refuseTypingErrors(request, listed)
  const command = commands[request.id]
  if (listed === undefined || command === undefined) throw new TypeError(`${request.id} is not in the manifest`)
  void runCommand(request, listed, command)
}

/** Under `--json` oclif says the same: the document has what it was given to parse. */
function refuseTypingErrors({id, argv}: Request & {kind: 'command'}, listed: ListedCommand): void {
  const text = outcome.json ? undefined : validationErrorOf(argv, listed)
  if (text !== undefined) throw usageFailure(text, id, {meant: flagMeant(argv, listed)})
}

/** Writes the version or help to stdout, under `--json` as a document. */
async function tell(request: Exclude<Request, {kind: 'command'}>, manifest: Manifest): Promise<void> {
  const {stdout} = process
  if (outcome.json) {
    const {helpOf, versionOf} = await import('./about.js')
    outcome.command = request.kind
    outcome.succeed(request.kind === 'help' ? helpOf(manifest, request.id) : await versionOf(manifest))
  } else if (request.kind === 'version') stdout.write(`${versionLine(manifest)}\n`)
  else stdout.write(renderHelp(manifest, request.id, {width: helpWidth(stdout), bold: styleOf('stdout').bold}))
}
