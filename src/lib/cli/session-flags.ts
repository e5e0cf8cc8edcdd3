import {Flags} from '@oclif/core'
import {type SessionFilter, sessionStates} from '../sessions/filter.js'
import {parseDuration} from '../text/duration.js'

/** The flags that select sessions. */
export const filterFlags = {
  state: Flags.string({description: 'Only sessions in this state.', helpValue: 'state', options: [...sessionStates]}),
  user: Flags.string({description: 'Only sessions of this role. * matches any characters.', helpValue: 'role'}),
  database: Flags.string({description: 'Only sessions in this database. * matches any characters.', helpValue: 'name'}),
  app: Flags.string({
    description: 'Only sessions with this application_name. * matches any characters.',
    helpValue: 'name',
  }),
  'older-than': Flags.string({
    description: 'Only sessions in their state for longer than this, for example 30s, 5m, 2h or 1d.',
    helpValue: 'time',
  }),
  'idle-over': Flags.string({
    description: 'Only sessions idle for longer than this, in a transaction or not.',
    helpValue: 'time',
  }),
}

export type FilterValues = {[flag in keyof typeof filterFlags]?: string}

/**
 * Converts the flags to a filter.
 * @throws UsageError (`duration_invalid`)
 */
export function filterOf(flags: FilterValues): SessionFilter {
  const seconds = (flag: 'older-than' | 'idle-over'): number | undefined => {
    const text = flags[flag]
    return text === undefined ? undefined : parseDuration(text, `--${flag}`)
  }

  return {
    state: flags.state,
    user: flags.user,
    database: flags.database,
    application: flags.app,
    olderThan: seconds('older-than'),
    idleOver: seconds('idle-over'),
  }
}

/** Whether any filter flag was given. */
export function isFiltered(flags: FilterValues): boolean {
  return Object.values(filterOf(flags)).some((value) => value !== undefined)
}
