import type {Risk} from '../access/context.js'
import type {Effect, LosingTable} from '../access/effect.js'
import type {DatabaseContents} from '../postgres/catalog/catalog.js'
import {localName} from '../targets/target.js'
import {formatCount, formatTime} from '../text/format.js'

/** What the sentences say of a database. */
interface Words {
  target: string
  database: string
  /** What is in it. */
  holding: string
  /** The sessions that are ended along with the work. */
  ending: string
  exists: boolean
}

/** Work that an effect of that kind stands for. */
type Of<Kind extends Effect['kind']> = Extract<Effect, {kind: Kind}>

/** What the work will do and whether that can be undone: all that has to be read before it is confirmed. */
export function sentenceOf(risk: Risk): string {
  const {target, effect, contents, exists} = risk
  const connected = contents?.connected.length ?? 0
  const ending =
    'force' in effect && effect.force && connected > 0 ? `, and ends ${formatCount(connected, 'session')}` : ''
  const words = {
    target: target.name,
    database: target.url.database,
    holding: holdingOf(contents),
    ending,
    exists: exists !== false,
  }
  const {database, holding} = words
  switch (effect.kind) {
    case 'drop':
      return dropSentence(effect, words)
    case 'setup':
      return setupSentence(effect, words)
    case 'dry-run':
      return `This makes a new database from ${effect.files.join(' and ')} on the same server, and removes it again. ${database} is not touched.`
    case 'undo':
      return undoSentence(effect, words)
    case 'discard':
      return `This drops ${copiesOf(effect.discards, database)}. There is nothing to go back to afterwards.`
    case 'schema:load':
      return `This runs ${effect.file} on ${database}: ${holding}. ${losingSentence(effect.losing)}`
    case 'seed':
      return `This runs ${effect.file}, to add its rows to ${database}: ${holding}. There is no undo.`
    case 'sessions:kill':
      return killSentence(effect)
    case 'connect':
      return `This opens a session that can change and drop everything in ${database}: ${holding}. There is no undo.`
    case 'unprotect':
      return unprotectSentence(risk)
    case 'activity:update':
      return `This replaces the message of activity ${effect.uuid}. The old one is lost.`
    case 'activity:delete':
      return `This deletes activity ${effect.uuid} and the replies to it. There is no undo.`
  }
}

/** Whether the work touches what is in the database, so that it helps to see it. */
export function touchesContents({kind}: Effect): boolean {
  return (
    kind === 'drop' ||
    kind === 'setup' ||
    kind === 'undo' ||
    kind === 'schema:load' ||
    kind === 'seed' ||
    kind === 'connect'
  )
}

/** Whether sessions that are connected make the work fail. */
export function needsAlone(effect: Effect): boolean {
  return 'force' in effect && !effect.force
}

function dropSentence({discards}: Of<'drop'>, {database, holding, ending, exists}: Words): string {
  const copies = discards?.length === 0 ? '' : `, and ${copiesOf(discards, database)}`
  if (exists) return `This drops ${database}: ${holding}${copies}${ending}. There is no undo.`
  return copies === ''
    ? `This drops nothing: there is no ${database}.`
    : `There is no ${database}. This drops ${copiesOf(discards, database)}.`
}

function setupSentence(
  {files, keeps, discards}: Of<'setup'>,
  {target, database, holding, ending, exists}: Words,
): string {
  const made = files.length === 0 ? 'a new database' : `a new database from ${files.join(' and ')}`
  if (!exists) return `This makes ${database}, ${made}. There is none yet.`
  if (!keeps)
    return `This replaces ${database} with ${made}: it drops ${holding}${ending}. There is no undo${target === localName ? '' : ` on ${target}`}.`
  const earlier = discards?.length === 0 ? '' : ` in place of ${copiesOf(discards, database)}`
  return `This replaces ${database} with ${made}${ending}. The old one, ${holding}, is kept for undo${earlier}.`
}

function undoSentence({back}: Of<'undo'>, {database, holding, ending, exists}: Words): string {
  const copy =
    back === null ? 'its undo copy' : `${back.name}, the database that was replaced at ${formatTime(back.at)}`
  if (!exists) return `This brings back ${copy}, under the name ${database}.`
  return `This swaps ${database}, ${holding}, with ${copy}${ending}. A second undo swaps back.`
}

function killSentence({count, cancel}: Of<'sessions:kill'>): string {
  if (cancel)
    return `This cancels the ${count === 1 ? 'query of 1 session' : `queries of ${formatCount(count, 'session')}`}.`
  return `This ends ${formatCount(count, 'session')}. What ${count === 1 ? 'it has' : 'they have'} not committed is lost.`
}

function unprotectSentence({target, protection}: Risk): string {
  const marked = protection === 'mark' || protection === 'foreign mark'
  return `This removes the mark from ${target.url.database}. ${marked ? 'Commands that destroy it will not ask any more' : 'It stays protected by its name or host'}.`
}

function losingSentence(losing: LosingTable[] | null): string {
  if (losing === null) return 'Which tables it drops or empties could not be read.'
  return losing.length === 0
    ? 'It has no DROP or TRUNCATE of a table that holds rows.'
    : `It drops or empties ${listTables(losing)}. There is no undo.`
}

function copiesOf(names: readonly string[] | null, database: string): string {
  return names === null
    ? `the undo copy of ${database}, if there is one`
    : names.map((name) => `the undo copy ${name}`).join(', ')
}

/** The tables of a database, and their rows as far as anyone has counted them. */
function holdingOf(contents: DatabaseContents | undefined): string {
  if (contents === undefined) return 'what it holds could not be read'
  const {tables} = contents
  if (tables.length === 0) return 'no tables'
  const counted = tables.flatMap(({rows}) => (rows === null ? [] : [rows]))
  const sum = counted.reduce((total, rows) => total + rows, 0)
  const all = formatCount(tables.length, 'table')
  if (counted.length === tables.length)
    return sum === 0 ? `${all} without rows` : `${all} with about ${formatCount(sum, 'row')}`
  return counted.length === 0
    ? `${all}, rows not counted`
    : `${all} with about ${formatCount(sum, 'row')} and those of ${formatCount(tables.length - counted.length, 'table')} not counted`
}

/** The first five of some tables with their rows, and how many more there are; null is a number that is not known. */
export function listTables(tables: readonly LosingTable[]): string {
  const shown = tables
    .slice(0, 5)
    .map(({name, rows}) => `${name} (${rows === null ? 'rows not counted' : `about ${formatCount(rows, 'row')}`})`)
  return shown.join(', ') + (tables.length > shown.length ? ` and ${tables.length - shown.length} more` : '')
}
