import type {ChalkInstance} from 'chalk'
import type {Session} from '../postgres/catalog.js'
import {formatDuration} from './format.js'
import {type Column, renderTable} from './table.js'

const columns: Column<Session>[] = [
  {heading: 'PID', cell: ({pid}) => String(pid), align: 'right'},
  {heading: 'USER', cell: ({user}) => user ?? ''},
  {heading: 'DATABASE', cell: ({database}) => database ?? '', dropOrder: 2},
  {heading: 'CLIENT', cell: ({client}) => client, dropOrder: 4},
  {heading: 'APPLICATION', cell: ({application}) => application, dropOrder: 3},
  {heading: 'STATE', cell: ({state, backend}) => state ?? (backend === 'client backend' ? '' : backend)},
  {heading: 'FOR', cell: ({seconds}) => (seconds === null ? '' : formatDuration(Math.max(0, seconds) * 1000)), align: 'right', dropOrder: 1},
  {heading: 'QUERY', cell: ({query}) => query},
]

/** Sessions as a table, one line each, fitted to `width` (undefined for a pipe). */
export function renderSessions(sessions: Session[], width: number | undefined, style: ChalkInstance): string {
  return renderTable(columns, sessions, width, style)
}
