import {escapeIdentifier} from '../postgres/wire/escape.js'
import {formatBytes, formatDuration, formatTime} from '../text/format.js'
import type {Style} from '../text/style.js'
import {type Column, renderTable} from '../text/table.js'
import type {CachedDatabase} from './cache.js'
import type {DropResult} from './drop.js'
import type {SetupResult, SetupStep} from './setup-run.js'
import type {RestoreSnapshotResult} from './restore-snapshot.js'
import type {Snapshot, SnapshotResult} from './snapshots.js'
import type {KeptDatabase, UndoResult} from './undo.js'

/** Writes a command as the user would type it for this target: `undo` becomes `npx cruddur-db undo staging`. */
type Hint = (command: string) => string

const cachedColumns: Column<CachedDatabase>[] = [
  {heading: 'DATABASE', cell: ({name}) => name},
  {heading: 'CREATED', cell: ({at}) => ago(at)},
  {heading: 'SIZE', cell: ({bytes}) => (bytes === null ? '' : formatBytes(bytes)), align: 'right', dropOrder: 1},
  {heading: 'SOURCE', cell: ({source}) => source},
]

export function renderStep({step, outcome, milliseconds}: SetupStep): string {
  return `${step.padEnd(11)}  ${formatDuration(milliseconds).padStart(6)}  ${outcome}`
}

/** The lines after the steps of a setup. `embedded` says whether the target is the embedded server. */
export function renderSetup({database, dryRun, kept, cache}: SetupResult, embedded: boolean, hint: Hint): string {
  if (dryRun) return '\nThe files ran without errors. Nothing was changed.'
  const lines = [`\n${database} is ready. To open it: ${hint('connect')}`]
  if (cache !== null && cache.from !== null) {
    const rebuild = hint('setup --cached --refresh')
    lines.push(`Copied from the cache, made ${ago(cache.from)} (so is now() in the seed). To rebuild it: ${rebuild}`)
  }

  if (kept) lines.push(`The old database is kept. To restore it: ${hint('undo')}`)
  if (embedded) lines.push(`To print its URL for an application: ${hint('server:start --url')}`)
  return lines.join('\n')
}

/** What was dropped, the undo copies that were not, and how to use them. */
export function renderDrop({database, dropped, kept, undoable}: DropResult, hint: Hint): string {
  const lines = [dropped ? `Dropped ${database}.` : `${database} does not exist. Nothing was dropped.`]
  for (const {name, at, bytes} of kept) {
    const size = bytes === null ? '' : ` (${formatBytes(bytes)})`
    lines.push(`The undo copy was not dropped: ${name}${size}, replaced at ${formatTime(at)}.`)
  }

  const [newest] = kept
  if (newest === undefined) return lines.join('\n')
  if (undoable) lines.push(`To drop it: ${hint('undo --discard')}`)
  const rename = `alter database ${escapeIdentifier(newest.name)} rename to ${escapeIdentifier(database)};`
  lines.push(`To restore it as ${database}: ${undoable ? hint('undo') : rename}`)
  return lines.join('\n')
}

export function renderUndo({database, at, keptAs}: UndoResult, hint: Hint): string {
  const back = `${database} is now the database that was replaced at ${formatTime(at)}.`
  return keptAs === null ? `Restored: ${back}` : `Swapped: ${back} To swap back: ${hint('undo')}`
}

export function renderKept(kept: readonly KeptDatabase[]): string {
  if (kept.length === 0) return 'There is no undo copy.'
  const lineOf = ({name, at, bytes}: KeptDatabase): string =>
    `${name}  ${bytes === null ? '' : `${formatBytes(bytes)}  `}replaced at ${formatTime(at)}`
  return kept.map(lineOf).join('\n')
}

export function renderCached(cached: readonly CachedDatabase[], width: number | undefined, style: Style): string {
  return cached.length === 0 ? 'No database is cached.' : renderTable(cachedColumns, cached, width, style)
}

const snapshotColumns: Column<Snapshot>[] = [
  {heading: 'SNAPSHOT', cell: ({name}) => name},
  {heading: 'TAKEN', cell: ({at}) => ago(at)},
  {heading: 'SIZE', cell: ({bytes}) => (bytes === null ? '' : formatBytes(bytes)), align: 'right', dropOrder: 1},
]

export function renderSnapshots(
  snapshots: readonly Snapshot[],
  database: string,
  width: number | undefined,
  style: Style,
): string {
  if (snapshots.length === 0) return `There is no snapshot of ${database}.`
  return renderTable(snapshotColumns, snapshots, width, style)
}

export function renderTaken({database, snapshot: {name, bytes}, replaced}: SnapshotResult, hint: Hint): string {
  const size = bytes === null ? '' : ` (${formatBytes(bytes)})`
  return `${replaced ? 'Replaced' : 'Took'} the snapshot ${name} of ${database}${size}. To restore it: ${hint(`snapshot:restore ${name}`)}`
}

export function renderSnapshotRestored(
  {database, snapshot: {name, at}, kept}: RestoreSnapshotResult,
  hint: Hint,
): string {
  const restored = `${database} is now as in the snapshot ${name}, taken ${ago(at)}.`
  return kept ? `${restored}\nThe old database is kept. To restore it: ${hint('undo')}` : restored
}

function ago(at: string): string {
  return `${formatDuration(Date.now() - Date.parse(at))} ago`
}
