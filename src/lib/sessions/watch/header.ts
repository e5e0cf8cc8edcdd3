import type {ServerLoad} from '../../postgres/catalog/server-load.js'
import {isClient} from '../../postgres/catalog/sessions.js'
import {formatBytes, formatDuration, formatNumber} from '../../text/format.js'
import {columnsOf, shorten} from '../../text/table.js'
import type {WatchState} from './state.js'

const between = '  '

/** What the server does, on at most so many lines: what matters least is left out first. */
export function headerLines(state: WatchState, most: number): string[] {
  const {columns} = state.size
  const lines: string[] = []
  for (const part of partsOf(state)) {
    const last = lines.at(-1)
    const longer = last === undefined ? part : `${last}${between}${part}`
    if (columnsOf(longer) <= columns) lines.splice(Math.max(0, lines.length - 1), 1, longer)
    else if (lines.length < most) lines.push(shorten(part, columns))
  }
  return Array.from({length: most}, (_, index) => lines[index] ?? '')
}

/** The parts in the order of their weight. */
function partsOf(state: WatchState): string[] {
  const {load, before, first} = state.loads
  if (load === undefined) return []
  const sessions = [...state.known.values()]
  const clients = sessions.filter(isClient)
  const longest = Math.max(0, ...clients.map(({transactionSeconds}) => transactionSeconds ?? 0))
  const waiting = clients.filter(({blockedBy}) => blockedBy.length > 0).length
  return [
    // Ours is not in the list.
    `${clients.length + 1}/${load.max_connections} connections`,
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...rates(load, before),
    ...(longest >= 1 ? [`longest transaction ${formatDuration(longest * 1000)}`] : []),
    ...cache(load, before),
    ...size(load, first),
    ...lag(load),
    `Postgres ${load.version.split(' ')[0]}`,
    load.clock,
  ]
}

function rates(load: ServerLoad, before: ServerLoad | undefined): string[] {
  const seconds = before === undefined ? 0 : load.seconds - before.seconds
  if (before === undefined || seconds <= 0) return []
  const perSecond = (key: 'commits' | 'rollbacks'): number => Math.max(0, load[key] - before[key]) / seconds
  const [commits, rollbacks] = [perSecond('commits'), perSecond('rollbacks')]
  const failed = rollbacks > 0 ? [`${shortNumber(rollbacks)} rollbacks/s`] : []
  return [`${shortNumber(commits + rollbacks)} transactions/s`, ...failed]
}

/** Of what was read since the update before, or else since the server counts. */
function cache(load: ServerLoad, before: ServerLoad | undefined): string[] {
  const since =
    before !== undefined && load.hits + load.reads > before.hits + before.reads ? before : {hits: 0, reads: 0}
  const hits = load.hits - since.hits
  const all = hits + load.reads - since.reads
  return all > 0 ? [`cache hit ${((100 * hits) / all).toFixed(1)} %`] : []
}

function size({bytes, seconds}: ServerLoad, first: ServerLoad | undefined): string[] {
  if (bytes === undefined) return []
  const minutes = first === undefined ? 0 : (seconds - first.seconds) / 60
  const growth = first?.bytes === undefined || minutes < 0.5 ? 0 : (bytes - first.bytes) / minutes
  const sign = growth < 0 ? '-' : '+'
  return [`${formatBytes(bytes)}${Math.abs(growth) < 1 ? '' : ` (${sign}${formatBytes(Math.abs(growth))}/min)`}`]
}

function lag({lag_bytes: bytes, replay_seconds: replayed}: ServerLoad): string[] {
  if (replayed !== null) return [`replica, ${formatDuration(replayed * 1000)} behind`]
  return bytes === null ? [] : [`replica ${formatBytes(bytes)} behind`]
}

function shortNumber(value: number): string {
  return value < 10 ? value.toFixed(1) : formatNumber(Math.round(value))
}
