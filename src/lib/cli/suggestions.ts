import {hint} from './hints.js'
import type {ListedCommand} from './manifest.js'

/** Command names from other tools, and our command for each. */
const elsewhere: Readonly<Record<string, string>> = {
  ...named('connect', 'psql', 'console', 'shell', 'sql', 'repl', 'cli'),
  ...named('sessions', 'ps', 'top', 'who', 'processes', 'connections', 'locks'),
  ...named('sessions:kill', 'kill'),
  ...named('schema:load', 'load'),
  ...named('server:start', 'start', 'up'),
  ...named('server:stop', 'stop', 'down'),
  ...named('server:status', 'status', 'logs', 'log'),
  ...named('target --show-password', 'url', 'uri', 'env', 'credentials'),
  ...named('target', 'info', 'config', 'targets'),
  ...named('dump', 'backup', 'export', 'pg_dump'),
  ...named('doctor', 'check', 'ping', 'diagnose'),
  ...named('init', 'new'),
}

/** Names from other tools that need an explanation, because no command of ours does exactly that; and the command. */
const sentences: Readonly<Record<string, readonly [sentence: string, command: string]>> = {
  ...said('To rebuild the database from its SQL files', 'setup', 'reset', 'rebuild', 'recreate'),
  ...said(
    'There are no migrations. To change a database that holds data, run your own SQL file',
    'connect -- -f FILE',
    'migrate',
    'migration',
    'migrations',
  ),
  ...said('To replace the database with one from a dump', 'restore --file FILE', 'import'),
}

/** Commands that destroy data. They are never suggested because of a similar spelling. */
const destructive = [
  'activity:delete',
  'drop',
  'pull',
  'restore',
  'sessions:kill',
  'setup',
  'snapshot:restore',
  'undo',
  'unprotect',
]
/** Flags that allow data to be destroyed. They are never suggested either. */
const destructiveCommands = [
  '--clear',
  '--confirm',
  '--discard',
  '--discard-undo',
  '--force',
  '--include-system',
  '--no-undo',
  '--write',
]

function named(command: string, ...words: string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => [word, command]))
}

function said(sentence: string, command: string, ...words: string[]): typeof sentences {
  return Object.fromEntries(words.map((word) => [word, [sentence, command]]))
}

/** Suggests what to do instead of an unknown command: first by names from other tools, then by spelling. */
export function insteadOf(word: string, ids: string[]): string {
  // Rails and dbmate write db:migrate, Heroku pg:psql.
  const name = word.replace(/^(db|pg):/, '').toLowerCase()
  const [sentence, its = ''] = own(sentences, name) ?? own(sentences, name.split(':')[0] ?? '') ?? []
  if (sentence !== undefined) return `${sentence}: ${hint(its)}`
  const command =
    own(elsewhere, name) ??
    (ids.includes(name)
      ? name
      : closest(
          name,
          ids.filter((id) => !destructive.includes(id)),
        ))
  return command === undefined ? `To list all commands: ${hint('--help')}` : `Did you mean: ${hint(command)}`
}

/** Suggests a flag for the first unknown one; undefined if none is similar. */
export function flagMeant(
  argv: readonly string[],
  {id, flags}: Pick<ListedCommand, 'id' | 'flags'>,
): string | undefined {
  const known = Object.values(flags).flatMap(({name, char}) => [`--${name}`, `-${char}`])
  const word = argv.find((other) => other.startsWith('-') && !known.includes(other.replace(/=.*/s, '')))
  if (word === undefined) return undefined
  if (id === 'connect' && /^-[^-]/.test(word)) return `Put psql arguments after --: ${hint(`connect -- ${word}`)}`
  const names = Object.values(flags)
    .filter(({hidden}) => !hidden)
    .map(({name}) => `--${name}`)
  const guess = closest(
    word.replace(/=.*/s, ''),
    names.filter((name) => !destructiveCommands.includes(name)),
  )
  return guess === undefined ? undefined : `Did you mean: ${guess}`
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** The name that starts with the word, or differs by at most two letters or a third of its length. */
function closest(word: string, names: string[]): string | undefined {
  if (word.replaceAll('-', '').length < 2) return undefined
  const begun = names.find((name) => name.startsWith(word))
  if (begun !== undefined) return begun
  const [best] = names
    .map((name) => ({name, distance: editDistance(word, name)}))
    .sort((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= Math.max(2, best.name.length / 3) ? best.name : undefined
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
