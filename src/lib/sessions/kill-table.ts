import {UsageError} from '../errors.js'
import {localName} from '../targets/target.js'
import type {Style} from '../text/style.js'
import {type Column, renderTable} from '../text/table.js'
import {seconds} from './columns.js'
import type {KilledSession} from './kill.js'
import {stateWords} from './words.js'

const killColumns: Column<KilledSession>[] = [
  {heading: 'PID', cell: ({pid}) => String(pid), align: 'right'},
  {heading: 'USER', cell: ({session}) => session?.user ?? '', dropOrder: 4, maxWidth: 20},
  {heading: 'DATABASE', cell: ({session}) => session?.database ?? '', dropOrder: 3, maxWidth: 20},
  {heading: 'PROGRAM', cell: ({session}) => session?.program ?? '', dropOrder: 5, maxWidth: 14},
  {
    heading: 'STATE',
    cell: ({session}) => (session === undefined ? '' : stateWords(session)),
    dropOrder: 2,
    maxWidth: 20,
  },
  {heading: 'FOR', cell: ({session}) => seconds(session?.seconds ?? null), align: 'right', dropOrder: 1},
  {
    heading: 'RESULT',
    cell: ({outcome, reason}) => (reason === undefined ? resultWords[outcome] : `${resultWords[outcome]}: ${reason}`),
  },
]

const resultWords: Record<KilledSession['outcome'], string> = {
  ended: 'ended',
  cancelled: 'query canceled',
  planned: 'would be ended',
  gone: 'gone',
  left: 'skipped',
  refused: 'refused',
}

export function renderKilled(outcomes: KilledSession[], width: number | undefined, style: Style): string {
  return renderTable(killColumns, outcomes, width, style)
}

const maxPid = 2 ** 31 - 1

/**
 * Parses a target and process ids, both optional. They can be told apart, because a target name begins with a letter.
 * @throws UsageError (`pid_invalid`)
 */
export function targetAndPids(words: readonly string[]): {target: string; pids: number[]} {
  const [first] = words
  const named = first !== undefined && /^[^\d-]/.test(first)
  const pids = (named ? words.slice(1) : words).map((word) => {
    const pid = /^\d{1,10}$/.test(word) ? Number(word) : 0
    if (pid >= 1 && pid <= maxPid) return pid
    throw new UsageError(`${JSON.stringify(word.slice(0, 40))} is not a process id.`, {code: 'pid_invalid'})
  })
  return {target: named ? first.toLowerCase() : localName, pids: [...new Set(pids)]}
}

/**
 * Refuses to end all sessions by accident; `--database '*'` selects all.
 * @throws UsageError (`sessions_unnamed`, `sessions_named_twice`)
 */
export function requireChoice(pids: readonly number[], filtered: boolean): void {
  if (pids.length === 0 && !filtered) {
    throw new UsageError('No sessions are selected. Nothing was ended.', {code: 'sessions_unnamed'})
  }

  if (pids.length > 0 && filtered) {
    throw new UsageError('Use process ids or filters, not both. Nothing was ended.', {
      code: 'sessions_named_twice',
    })
  }
}
