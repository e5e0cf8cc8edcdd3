import {createRequire} from 'node:module'
import {join} from 'node:path'
import {asksForJson, complaintOf, readCommandLine, type Request} from '../cli/command-line.js'
import {asFailure, renderFailure, usageFailure} from '../cli/failure.js'
import {type Manifest, readManifest} from '../cli/manifest.js'
import {outliveReaders} from '../cli/streams.js'
import {flagMeant} from '../cli/suggestions.js'
import {type CruddurError, UsageError} from '../errors.js'
import {packageRoot} from '../package-root.js'
import {styleOf} from '../text/style.js'
import {requireCompiled} from './code-cache.js'
import {helpWidth, renderHelp} from './help.js'

/**
 * Where the program begins: answers what it can by itself, and loads the rest for all else. With `DEBUG` that is loaded
 * as Node does it, with the source maps, so that a stack shows the files of src.
 */
export function start(argv: readonly string[]): void {
  if (process.env['DEBUG']) process.setSourceMapsEnabled(true)
  try {
    run(argv)
  } catch (error) {
    fail(asFailure(error))
  }
}

function run(argv: readonly string[]): void {
  const manifest = asksForJson(argv) ? undefined : readManifest(packageRoot())
  if (manifest !== undefined && answer(argv, manifest)) return
  const file = join(packageRoot(), 'dist', 'program.cjs')
  const program = process.env['DEBUG'] ? (createRequire(file)(file) as unknown) : requireCompiled(file, argv[0] ?? '')
  void (program as {main: (argv: readonly string[], manifest?: Manifest) => Promise<void>}).main(argv, manifest)
}

/**
 * Answers what needs no command to be loaded: the version, help, and what was mistyped. False where it is not like
 * that: then the program has to be loaded. Under `--json` that has the words.
 */
function answer(argv: readonly string[], manifest: Manifest): boolean {
  outliveReaders(fail)
  try {
    const request = readCommandLine(argv, manifest)
    if (request.kind === 'command') return refuse(request, manifest)
    show(request, manifest)
    return true
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return fail(error)
  }
}

function refuse({id, argv}: Request & {kind: 'command'}, {commands}: Manifest): boolean {
  const command = commands.get(id)
  const complaint = command === undefined ? undefined : complaintOf(argv, command)
  if (command === undefined || complaint === undefined) return false
  return fail(usageFailure(complaint, id, {meant: flagMeant(argv, command)}))
}

/** Writes the version or help to stdout. */
export function show(request: Exclude<Request, {kind: 'command'}>, manifest: Manifest): void {
  const {stdout} = process
  if (request.kind === 'version') stdout.write(`${manifest.version}\n`)
  else {
    stdout.write(renderHelp(manifest, request.id, {width: helpWidth(stdout), bold: styleOf('stdout').bold}))
  }
}

function fail(failure: CruddurError): true {
  process.exitCode = failure.exitCode
  process.stderr.write(`${renderFailure(failure, styleOf('stderr'), process.stderr.columns)}\n`)
  return true
}
