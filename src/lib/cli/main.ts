import {Config, flush} from '@oclif/core'
import {packageRoot} from '../package-root.js'
import {readCommandLine} from './command-line.js'
import {asFailure, failureJson, renderFailure} from './failure.js'
import {show} from './start.js'
import {styleOf} from './style.js'
import {inOrder, readPackage, type Surface} from './surface.js'

/**
 * The program: finds the command, runs it with oclif, sets the exit code. oclif's own `run` is not used: it would load
 * its configuration a second time, and run its guess for an unknown command, or print help and exit 0.
 */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  // A reader that has seen enough, head say, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    throw error
  })
  try {
    await run(argv)
    await flush()
  } catch (error) {
    const failure = asFailure(error)
    process.exitCode = failure.exitCode
    if (argv.includes('--json')) {
      const document = {schema: 'cruddur-db/1', command: null, target: null, error: failureJson(failure), warnings: [], duration_ms: 0}
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    } else process.stderr.write(`${renderFailure(failure, styleOf('stderr'), process.stderr.columns)}\n`)
  }
}

async function run(argv: readonly string[]): Promise<void> {
  const config = await loadConfig()
  const request = readCommandLine(argv, surfaceOf(config))
  const hooked = request.kind === 'command' ? {id: request.id, argv: request.argv} : {id: '', argv: [...argv]}
  await config.runHook('init', hooked)
  const command = request.kind === 'command' ? config.findCommand(request.id) : undefined
  let failure: Error | undefined
  try {
    if (request.kind === 'command') await config.runCommand(request.id, request.argv, command)
    else show(request, surfaceOf(config))
  } catch (error) {
    if (error instanceof Error) failure = error
    throw error
  } finally {
    await config.runHook('finally', {...hooked, Command: command, error: failure})
  }
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

function surfaceOf({bin, userAgent, topics, commands}: Config): Surface {
  const named = topics.filter(({name}) => commands.some(({id}) => id.startsWith(`${name}:`)))
  return {
    bin,
    version: userAgent,
    description: readPackage(packageRoot()).description,
    commands: inOrder(commands),
    topics: named.map(({name, description}) => ({name, description})),
  }
}
