import {Config} from '@oclif/core'
import {readCommandLine, type Request} from '../cli/command-line.js'
import {headStart} from '../cli/head-start.js'
import {inOrder, type Manifest, readPackage} from '../cli/manifest.js'
import {outcome} from '../cli/outcome.js'
import {endWithTerminal, outliveReaders} from '../cli/streams.js'
import {packageRoot} from '../package-root.js'
import {refuseFlagsOfNpm} from './npm-flags.js'
import {show} from './start.js'

/**
 * The program: finds the command, runs it with oclif, sets the exit code. oclif's own `run` is not used: it would load
 * its configuration a second time, and run its guess for an unknown command, or print help and exit 0.
 */
export async function main(argv: readonly string[] = process.argv.slice(2), manifest?: Manifest): Promise<void> {
  outliveReaders((failure) => outcome.fail(failure))
  endWithTerminal()
  outcome.begin(argv)
  // Once nothing is left to do: taking the heap apart, as Node does at its own end, takes longer than to leave it.
  process.once('beforeExit', () => process.exit())
  // A rejection that no one handles comes here too.
  process.on('uncaughtException', (error) => outcome.fail(error, () => process.exit()))
  try {
    const request = manifest && readCommandLine(argv, manifest)
    const command = request?.kind === 'command' ? manifest?.commands.get(request.id) : undefined
    if (request?.kind === 'command' && command !== undefined) await headStart.begin(request.argv, command)
    await run(argv)
  } catch (error) {
    outcome.fail(error)
  } finally {
    await headStart.abandon()
  }
}

async function run(argv: readonly string[]): Promise<void> {
  const config = await loadConfig()
  const request = readCommandLine(argv, manifestOf(config))
  const hooked = request.kind === 'command' ? {id: request.id, argv: request.argv} : {id: '', argv: [...argv]}
  await config.runHook('init', hooked)
  const command = request.kind === 'command' ? config.findCommand(request.id) : undefined
  let failure: Error | undefined
  try {
    if (request.kind !== 'command') return await tell(request, config)
    if (command !== undefined) refuseFlagsOfNpm(request, command, process.env)
    await command?.load()
    // oclif's class has brought a listener of its own, which would throw.
    outliveReaders((error) => outcome.fail(error))
    await config.runCommand(request.id, request.argv, command)
  } catch (error) {
    if (error instanceof Error) failure = error
    throw error
  } finally {
    await config.runHook('finally', {...hooked, Command: command, error: failure})
  }
}

/** Answers what asks for help or the version, under `--json` in a document. */
async function tell(request: Exclude<Request, {kind: 'command'}>, config: Config): Promise<void> {
  if (!outcome.json) return show(request, manifestOf(config))
  const {helpOf, versionOf} = await import('./about.js')
  outcome.command = request.kind
  outcome.succeed(request.kind === 'help' ? helpOf(config, request.id) : await versionOf(config))
}

const silent = {
  namespace: 'oclif',
  child: () => silent,
  debug: () => undefined,
  error: () => undefined,
  info: () => undefined,
  trace: () => undefined,
  warn: () => undefined,
}

/** Plugins are those that package.json names; for what a user installs, oclif needs a plugin of its own. */
async function loadConfig(): Promise<Config> {
  const root = packageRoot()
  // Its logger takes longer to load than to say nothing.
  const logger = process.env['DEBUG'] ? {} : {logger: silent}
  return Config.load({root, pjson: readPackage(root) as unknown as Config['pjson'], userPlugins: false, ...logger})
}

function manifestOf({bin, userAgent, topics, commands}: Config): Manifest {
  const named = topics.filter(({name}) => commands.some(({id}) => id.startsWith(`${name}:`)))
  return {
    bin,
    version: userAgent,
    description: readPackage(packageRoot()).description,
    commands: inOrder(commands),
    topics: named.map(({name, description}) => ({name, description})),
  }
}
