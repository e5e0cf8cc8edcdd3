import {asksForJson, readCommandLine, type Request, validationErrorOf} from '../cli/command-line.js'
import {asFailure, renderFailure, usageFailure} from '../cli/failure.js'
import {type Manifest, readManifest, versionLine} from '../cli/manifest.js'
import {outliveReaders} from '../cli/streams.js'
import {flagMeant} from '../cli/suggestions.js'
import {packageRoot} from '../package-root.js'
import {styleOf} from '../text/style.js'
import {helpWidth, renderHelp} from './help.js'
import {loadProgram, type LoadOptions, type Program} from './load.js'

/** What {@link start} takes for code that was not built. */
export interface StartOptions {
  /** Gives the program that runs the command of that id. */
  load?: (id: string, options: LoadOptions) => Program
  manifest?: Manifest
}

/**
 * Where a run begins: answers the version, help and typing errors from the manifest, and loads the program for all else,
 * which takes twice as long. It loads it for a JSON document too: that has what the program knows.
 */
export function start(argv: readonly string[], {load = loadProgram, manifest}: StartOptions = {}): void {
  try {
    const known = manifest ?? readManifest(packageRoot())
    const json = asksForJson(argv)
    const id = json ? commandOf(argv, known) : answer(argv, known)
    const runsPgDump = known.commands.get(id ?? '')?.runsPgDump !== undefined
    if (json || id !== undefined) load(id ?? 'none', {runsPgDump}).run(argv, known)
  } catch (error) {
    reportFailure(error)
  }
}

function commandOf(argv: readonly string[], manifest: Manifest): string | undefined {
  try {
    const request = readCommandLine(argv, manifest)
    return request.kind === 'command' ? request.id : undefined
  } catch {
    return undefined
  }
}

/** The id of the command that is to be run; undefined where the question is answered. */
function answer(argv: readonly string[], manifest: Manifest): string | undefined {
  const request = readCommandLine(argv, manifest)
  if (request.kind === 'command') {
    refuseTypingErrors(request, manifest)
    return request.id
  }

  outliveReaders(reportFailure)
  const {stdout} = process
  if (request.kind === 'version') stdout.write(`${versionLine(manifest)}\n`)
  else stdout.write(renderHelp(manifest, request.id, {width: helpWidth(stdout), bold: styleOf('stdout').bold}))
  return undefined
}

function refuseTypingErrors({id, argv}: Request & {kind: 'command'}, {commands}: Manifest): void {
  const listed = commands.get(id)
  if (listed === undefined) return
  const text = validationErrorOf(argv, listed)
  if (text !== undefined) throw usageFailure(text, id, {meant: flagMeant(argv, listed)})
}

function reportFailure(error: unknown): void {
  outliveReaders(() => undefined)
  const failure = asFailure(error)
  process.exitCode = failure.exitCode
  process.stderr.write(`${renderFailure(failure, {style: styleOf('stderr')})}\n`)
}
