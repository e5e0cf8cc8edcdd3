import {fileURLToPath} from 'node:url'
import {Config, flush, run} from '@oclif/core'
import {UsageError} from '../errors.js'
import {asFailure, failureJson, renderFailure} from './failure.js'
import {styleOf} from './style.js'

/**
 * The program: finds the command, runs it, sets the exit code. `entry` is the URL of the file in `bin`.
 * oclif's own answer to an unknown command is not used: it would run its guess, or print help and exit 0.
 */
export async function main(entry: string, argv = process.argv.slice(2)): Promise<void> {
  // A reader that has seen enough, head say, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    throw error
  })
  // The program is bundled; with its source maps a stack shows the files of src.
  if (process.env['DEBUG']) process.setSourceMapsEnabled(true)
  try {
    const config = await Config.load(fileURLToPath(entry))
    await run(commandLine(argv, config.commandIDs), config)
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

/**
 * The arguments as oclif wants them: `schema load` and `help schema:load` become `schema:load` and its help.
 * @throws UsageError (`command_unknown`, `command_incomplete`) with what may have been meant
 */
function commandLine(argv: string[], ids: string[]): string[] {
  const [first, ...rest] = argv
  if (first === undefined || first.startsWith('-')) return argv
  if (first === 'help') return rest.length === 0 ? ['--help'] : [...commandLine(rest, ids), '--help']
  const joined = `${first}:${rest[0] ?? ''}`
  if (ids.includes(joined)) return [joined, ...rest.slice(1)]
  if (ids.includes(first)) return argv
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
