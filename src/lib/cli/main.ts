import {fileURLToPath} from 'node:url'
import {Config, run} from '@oclif/core'
import {UsageError} from '../errors.js'
import {beforeDashes, outcome} from './outcome.js'
import {outliveReaders} from './streams.js'

/**
 * The program: finds the command, runs it, sets the exit code. `entry` is the URL of the file in `bin`.
 * oclif's own answer to an unknown command is not used: it would run its guess, or print help and exit 0.
 */
export async function main(entry: string, argv = process.argv.slice(2)): Promise<void> {
  outliveReaders((failure) => outcome.fail(failure))
  outcome.begin(argv)
  // A rejection that no one handles comes here too.
  process.on('uncaughtException', (error) => outcome.fail(error, () => process.exit()))
  // The program is bundled; with its source maps a stack shows the files of src.
  if (process.env['DEBUG']) process.setSourceMapsEnabled(true)
  try {
    const config = await Config.load(fileURLToPath(entry))
    const line = commandLine(argv, config.commandIDs)
    if (outcome.json && (await tellAbout(line, config))) return
    await run(line, config)
  } catch (error) {
    outcome.fail(error)
  }
}

/** Under `--json`: answers what asks for help or the version, in a document; false for what runs a command. */
async function tellAbout(line: string[], config: Config): Promise<boolean> {
  const words = beforeDashes(line).filter((word) => word !== '--json')
  const [first] = words
  const helps = first === undefined || words.includes('--help')
  if (!helps && first !== '--version') return false
  const {helpOf, versionOf} = await import('./about.js')
  outcome.command = helps ? 'help' : 'version'
  outcome.succeed(helps ? helpOf(config, words.find((word) => !word.startsWith('-'))) : await versionOf(config))
  return true
}

/**
 * The arguments as oclif wants them: `schema load` and `help schema:load` become `schema:load` and its help.
 * @throws UsageError (`command_unknown`, `command_incomplete`, `usage`) with what may have been meant
 */
function commandLine(argv: string[], ids: string[]): string[] {
  const [first, ...rest] = argv
  // oclif takes what stands after the sign for the next argument, a target's name say.
  if (beforeDashes(argv).some((word) => word.startsWith('--json='))) {
    throw new UsageError('--json takes no value.', {code: 'usage', next: ['cruddur-db --help']})
  }

  if (first === '--json') {
    const [id, ...more] = commandLine(rest, ids)
    return id === undefined ? argv : [id, '--json', ...more]
  }

  if (first === undefined || first.startsWith('-') || ids.includes(first)) return argv
  if (first === 'help') return rest.length === 0 ? ['--help'] : [...commandLine(rest, ids), '--help']
  const joined = `${first}:${rest[0] ?? ''}`
  if (ids.includes(joined)) return [joined, ...rest.slice(1)]
  const inTopic = ids.filter((id) => id.startsWith(`${first}:`))
  if (inTopic.length > 0) {
    if (rest.includes('--help')) return argv
    throw new UsageError(`"${first}" needs to be followed by what to do.`, {
      code: 'command_incomplete',
      next: inTopic.map((id) => `cruddur-db ${id}`),
    })
  }

  const guess = closest(first, ids)
  throw new UsageError(`There is no command "${first}".`, {
    code: 'command_unknown',
    next: guess === undefined ? ['See all commands: cruddur-db --help'] : [`Did you mean: cruddur-db ${guess}`],
  })
}

/** The id that begins with the word, or is at most two letters or a third of its length away. */
function closest(word: string, ids: string[]): string | undefined {
  if (word === '') return undefined
  const begun = ids.find((id) => id.startsWith(word))
  if (begun !== undefined) return begun
  const [best] = ids.map((id) => ({id, distance: editDistance(word, id)})).sort((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= Math.max(2, best.id.length / 3) ? best.id : undefined
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({length: b.length + 1}, (_, index) => index)
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1]
    for (const [column, other] of [...b].entries()) {
      const swap = (previous[column] ?? 0) + (letter === other ? 0 : 1)
      current.push(Math.min(swap, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }

    previous = current
  }

  return previous.at(-1) ?? 0
}
