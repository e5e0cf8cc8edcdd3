import {UsageError} from '../errors.js'
import {localName} from '../targets/target.js'
import type {Style} from '../text/style.js'
import {type Column, renderTable} from '../text/table.js'
import {seconds} from './columns.js'
import type {KilledSession} from './kill.js'
import {stateWords} from './words.js'

const columns: Column<KilledSession>[] = [
  {heading: 'PID', cell: ({pid}) => String(pid), align: 'right'},
  {heading: 'USER', cell: ({session}) => session?.user ?? '', dropOrder: 4, most: 20},
  {heading: 'DATABASE', cell: ({session}) => session?.database ?? '', dropOrder: 3, most: 20},
  {heading: 'PROGRAM', cell: ({session}) => session?.program ?? '', dropOrder: 5, most: 14},
  {heading: 'STATE', cell: ({session}) => (session === undefined ? '' : stateWords(session)), dropOrder: 2, most: 20},
  {heading: 'FOR', cell: ({session}) => seconds(session?.seconds ?? null), align: 'right', dropOrder: 1},
  {
    heading: 'RESULT',
    cell: ({outcome, reason}) => (reason === undefined ? resultWords[outcome] : `${resultWords[outcome]}: ${reason}`),
  },
]

const resultWords: Record<KilledSession['outcome'], string> = {
  ended: 'ended',
  cancelled: 'query cancelled',
  planned: 'would be ended',
  gone: 'gone',
  left: 'left alone',
  refused: 'refused',
}

/** What became of the sessions, a line each. */
export function renderKilled(outcomes: KilledSession[], width: number | undefined, style: Style): string {
  return renderTable(columns, outcomes, width, style)
}

const longestPid = 2 ** 31 - 1

/**
 * A target and process ids, in this order, either of which may be missing: a target's name is never all digits.
 * @throws UsageError (`pid_invalid`)
 */
export function targetAndPids(words: readonly string[]): {target: string; pids: number[]} {
  const [first] = words
  const named = first !== undefined && /^[^\d-]/.test(first)
  const pids = (named ? words.slice(1) : words).map((word) => {
    const pid = /^\d{1,10}$/.test(word) ? Number(word) : 0
    if (pid >= 1 && pid <= longestPid) return pid
    throw new UsageError(`${JSON.stringify(word.slice(0, 40))} is not a process id.`, {
      code: 'pid_invalid',
      next: ['See them: cruddur-db sessions'],
    })
  })
  return {target: named ? first.toLowerCase() : localName, pids: [...new Set(pids)]}
}

/**
 * Ending all sessions takes saying so: `--database '*'`.
 * @throws UsageError (`sessions_unnamed`, `sessions_named_twice`)
 */
export function requireChoice(pids: readonly number[], filtered: boolean): void {
  if (pids.length === 0 && !filtered) {
    throw new UsageError('Say which sessions: by process id, or by a filter.', {
      code: 'sessions_unnamed',
      next: [
        'See them: cruddur-db sessions',
        'By process id: cruddur-db sessions:kill 30399',
        'By what they do: cruddur-db sessions:kill --idle-over 10m --dry-run',
      ],
    })
  }

  if (pids.length > 0 && filtered) {
    throw new UsageError('Give process ids or a filter, not both.', {
      code: 'sessions_named_twice',
      next: ['cruddur-db sessions:kill --help'],
    })
  }
}
