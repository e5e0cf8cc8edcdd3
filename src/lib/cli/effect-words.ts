import type {Risk} from '../access/context.js'
import type {Effect, LosingTable} from '../access/effect.js'
import type {DatabaseContents} from '../postgres/catalog/catalog.js'
import {localName} from '../targets/target.js'
import {formatCount, formatTime} from '../text/format.js'

interface EffectWords {
  target: string
  database: string
  /** The tables and rows of the database. */
  holding: string
  /** The sessions that the work ends. */
  ending: string
  exists: boolean
}

type Of<Kind extends Effect['kind']> = Extract<Effect, {kind: Kind}>

/** Says what the work will do, and whether it can be undone: what a user must know to confirm it. */
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
    case 'replace':
      return replacingSentence(replacementOf(effect), effect, words)
    case 'dry-run':
      return `This builds a new database from ${effect.files.join(' and ')} on the same server, then removes it. ${database} is not changed.`
    case 'undo':
      return undoSentence(effect, words)
    case 'discard':
      return `This drops ${copiesOf(effect.discards, database)}. There is no undo.`
    case 'schema:load':
      return `This runs ${effect.file} on ${database} (${holding}). ${losingSentence(effect.losing)}`
    case 'seed':
      return `This runs ${effect.file}, which adds rows to ${database} (${holding}). There is no undo.`
    case 'migrate':
      return `This applies ${formatCount(effect.migrations.length, 'migration')} to ${database} (${holding}).`
    case 'migrate:down':
      return downSentence(effect, words)
    case 'migrate:adopt':
      return `This records ${formatCount(effect.migrations.length, 'migration')} as applied to ${database}. Nothing else is changed.`
    case 'sessions:kill':
      return killSentence(effect)
    case 'connect':
      return `This opens a session that can change and drop everything in ${database} (${holding}). There is no undo.`
    case 'unprotect':
      return unprotectSentence(risk)
    case 'activity:update':
      return `This replaces the message of activity ${effect.uuid}. The old message is lost.`
    case 'activity:delete':
      return `This deletes activity ${effect.uuid} and its replies. There is no undo.`
  }
}

/** Whether the work changes rows or tables, so that the size and the tables of the database are shown. */
export function touchesContents({kind}: Effect): boolean {
  return (
    kind === 'drop' ||
    kind === 'setup' ||
    kind === 'replace' ||
    kind === 'undo' ||
    kind === 'schema:load' ||
    kind === 'seed' ||
    kind === 'connect'
  )
}

/** Whether the work fails while sessions are connected. */
export function needsAlone(effect: Effect): boolean {
  return 'force' in effect && !effect.force
}

function dropSentence({discards}: Of<'drop'>, {database, holding, ending, exists}: EffectWords): string {
  const copies = discards?.length === 0 ? '' : `, and ${copiesOf(discards, database)}`
  if (exists) return `This drops ${database} (${holding})${copies}${ending}. There is no undo.`
  return `${database} does not exist. This drops ${copies === '' ? 'nothing' : copiesOf(discards, database)}.`
}

function setupSentence(effect: Of<'setup'>, words: EffectWords): string {
  const from = effect.files.length === 0 ? '' : ` from ${effect.files.join(' and ')}`
  if (!words.exists) return `${words.database} does not exist. This builds it${from}.`
  return replacingSentence(`a new database${from}`, effect, words)
}

function replacementOf({from}: Of<'replace'>): string {
  return 'snapshot' in from ? `a copy of the snapshot ${from.snapshot}` : `a new database with rows of ${from.source}`
}

function replacingSentence(
  instead: string,
  {keeps, discards}: Pick<Of<'setup'>, 'keeps' | 'discards'>,
  {target, database, holding, ending, exists}: EffectWords,
): string {
  if (!exists) return `${database} does not exist. This makes it as ${instead}.`
  const replaces = `This replaces ${database} (${holding}) with ${instead}${ending}.`
  if (!keeps)
    return `${replaces} The old database is dropped. There is no undo${target === localName ? '' : ` on ${target}`}.`
  const earlier = discards?.length === 0 ? '' : ` This drops ${copiesOf(discards, database)}.`
  return `${replaces} The old database is kept for undo.${earlier}`
}

function undoSentence({back}: Of<'undo'>, {database, holding, ending, exists}: EffectWords): string {
  const copy = back === null ? 'its undo copy' : `${back.name} (replaced at ${formatTime(back.at)})`
  if (!exists) return `This restores ${copy} as ${database}.`
  return `This swaps ${database} (${holding}) with ${copy}${ending}. A second undo swaps back.`
}

function killSentence({count, cancel}: Of<'sessions:kill'>): string {
  if (cancel)
    return `This cancels the ${count === 1 ? 'query of 1 session' : `queries of ${formatCount(count, 'session')}`}.`
  return `This ends ${formatCount(count, 'session')}. Uncommitted changes are lost.`
}

function unprotectSentence({target, protection}: Risk): string {
  const marked = protection === 'mark' || protection === 'foreign mark'
  return `This removes the marker from ${target.url.database}. ${marked ? 'Commands that destroy it no longer ask for confirmation' : 'It stays protected by its name or host'}.`
}

function losingSentence(losing: LosingTable[] | null): string {
  if (losing === null) return 'Which tables it drops or truncates is not known.'
  return losing.length === 0
    ? 'It drops or truncates no table that holds rows.'
    : `It drops or truncates ${listTables(losing)}. There is no undo.`
}

function downSentence({migrations, losing}: Of<'migrate:down'>, {database, holding}: EffectWords): string {
  const lost = losing.length === 0 ? '' : ` Lost: ${listTables(losing)}. There is no undo.`
  return `This undoes ${formatCount(migrations.length, 'migration')} in ${database} (${holding}).${lost}`
}

function copiesOf(names: readonly string[] | null, database: string): string {
  return names === null
    ? `the undo copy of ${database}, if there is one`
    : names.map((name) => `the undo copy ${name}`).join(', ')
}

/** Counts tables and rows; the server's statistics do not know the rows of every table. */
function holdingOf(contents: DatabaseContents | undefined): string {
  if (contents === undefined) return 'contents not known'
  const {tables} = contents
  if (tables.length === 0) return 'no tables'
  const counted = tables.flatMap(({rows}) => (rows === null ? [] : [rows]))
  const sum = counted.reduce((total, rows) => total + rows, 0)
  const all = formatCount(tables.length, 'table')
  if (counted.length === tables.length)
    return sum === 0 ? `${all} without rows` : `${all} with about ${formatCount(sum, 'row')}`
  return counted.length === 0
    ? `${all}, rows not counted`
    : `${all} with about ${formatCount(sum, 'row')}, ${formatCount(tables.length - counted.length, 'table')} not counted`
}

/** Lists the first five tables with their rows, and the number of others. A null count is unknown. */
export function listTables(tables: readonly LosingTable[]): string {
  const shown = tables
    .slice(0, 5)
    .map(({name, rows}) => `${name} (${rows === null ? 'rows not counted' : `about ${formatCount(rows, 'row')}`})`)
  return shown.join(', ') + (tables.length > shown.length ? ` and ${tables.length - shown.length} more` : '')
}
