import type {Command} from '@oclif/core'
import {readCommandLine, type Request} from '../cli/command-line.js'
import {endProcess} from '../cli/end-process.js'
import type {Manifest} from '../cli/manifest.js'
import {outcome} from '../cli/outcome.js'
import {commandPreconnection} from '../cli/preconnect.js'
import {endWithTerminal, outliveReaders} from '../cli/streams.js'
import {helpOf, versionOf} from './about.js'
import {refuseFlagsOfNpm} from './npm-flags.js'
import {plainConfig} from './plain-config.js'

/** The classes of the commands, by id. */
export type CommandTable = Readonly<Record<string, Command.Class>>

/** Runs what the arguments ask for, and sets the exit code. */
export async function runProgram(argv: readonly string[], manifest: Manifest, commands: CommandTable): Promise<void> {
  outliveReaders((failure) => outcome.fail(failure))
  endWithTerminal()
  outcome.begin(argv)
  // A rejection that no one handles comes here too.
  process.on('uncaughtException', (error) => outcome.fail(error, () => process.exit()))
  try {
    const request = readCommandLine(argv, manifest)
    if (request.kind === 'command') await runListed(request, manifest, commands)
    else await answerWithDocument(request, manifest)
  } catch (error) {
    outcome.fail(error)
  } finally {
    await commandPreconnection.abandon()
    await endProcess()
  }
}

async function runListed(
  request: Request & {kind: 'command'},
  manifest: Manifest,
  commands: CommandTable,
): Promise<void> {
  const {id, argv} = request
  const listed = manifest.commands.get(id)
  // Before oclif is loaded, with the command.
  if (listed !== undefined) await commandPreconnection.begin(argv, listed)
  const command = commands[id]
  if (listed === undefined || command === undefined) throw new TypeError(`${id} is not in src/commands/index.ts`)
  refuseFlagsOfNpm(request, listed, process.env)
  command.id = id
  // oclif's class has brought a listener of its own, which would throw.
  outliveReaders((error) => outcome.fail(error))
  await command.run(argv, plainConfig())
}

/** Answers what asks for help or the version with a document. */
async function answerWithDocument(request: Exclude<Request, {kind: 'command'}>, manifest: Manifest): Promise<void> {
  outcome.command = request.kind
  outcome.succeed(request.kind === 'help' ? helpOf(manifest, request.id) : await versionOf(manifest))
}
