import type {ListedCommand} from './manifest.js'

/** What other tools call what we have, and the command line that does it here. */
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
  ...named('doctor', 'check', 'ping', 'diagnose'),
  ...named('init', 'new'),
}

/** What needs a sentence: there is no such command, or it does more than its other name says. */
const sentences: Readonly<Record<string, string>> = {
  ...said('To rebuild the database from its SQL files: cruddur-db setup', 'reset', 'rebuild', 'recreate'),
  ...said(
    'There are no migrations. To change a database that holds data, write the change as SQL: cruddur-db connect -- -f FILE',
    'migrate',
    'migration',
    'migrations',
  ),
  ...said(
    'There is no backup command. pg_dump makes a file that schema:load runs: cruddur-db schema:load --file FILE',
    'backup',
    'dump',
    'export',
  ),
  ...said('A plain SQL file of pg_dump is run by: cruddur-db schema:load --file FILE', 'restore', 'import'),
}

/** Commands that destroy: never suggested for a word that is only spelled like them. */
const destructive = ['activity:delete', 'drop', 'sessions:kill', 'setup', 'undo', 'unprotect']
/** Flags that let something be destroyed. */
const dangerous = [
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

function said(sentence: string, ...words: string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => [word, sentence]))
}

/** What to do in place of a command that does not exist: by what other tools call it, else by its spelling. */
export function insteadOf(word: string, ids: string[]): string {
  // Rails and dbmate write db:migrate, Heroku pg:psql.
  const name = word.replace(/^(db|pg):/, '').toLowerCase()
  const sentence = own(sentences, name) ?? own(sentences, name.split(':')[0] ?? '')
  if (sentence !== undefined) return sentence
  const command =
    own(elsewhere, name) ??
    (ids.includes(name)
      ? name
      : closest(
          name,
          ids.filter((id) => !destructive.includes(id)),
        ))
  return command === undefined ? 'See all commands: cruddur-db --help' : `Did you mean: cruddur-db ${command}`
}

/** What was meant by the first flag of a command line that the command does not have; undefined where nothing is near. */
export function flagMeant(
  argv: readonly string[],
  {id, flags}: Pick<ListedCommand, 'id' | 'flags'>,
): string | undefined {
  const known = Object.values(flags).flatMap(({name, char}) => [`--${name}`, `-${char}`])
  const word = argv.find((other) => other.startsWith('-') && !known.includes(other.replace(/=.*/s, '')))
  if (word === undefined) return undefined
  if (id === 'connect' && /^-[^-]/.test(word)) return `Arguments of psql come after --: cruddur-db connect -- ${word}`
  const names = Object.values(flags)
    .filter(({hidden}) => !hidden)
    .map(({name}) => `--${name}`)
  const guess = closest(
    word.replace(/=.*/s, ''),
    names.filter((name) => !dangerous.includes(name)),
  )
  return guess === undefined ? undefined : `Did you mean: ${guess}`
}

function own(record: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** The name that begins with the word, or is at most two letters or a third of its length away. */
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
