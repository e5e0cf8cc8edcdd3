import {Flags} from '@oclif/core'
import {type SessionFilter, sessionStates} from '../sessions/filter.js'
import {parseDuration} from '../text/duration.js'

/** The flags that say which sessions are meant. */
export const filterFlags = {
  state: Flags.string({description: 'Only those in this state.', helpValue: 'state', options: [...sessionStates]}),
  user: Flags.string({description: 'Only those of this role; * is any characters.', helpValue: 'role'}),
  database: Flags.string({description: 'Only those in this database; * is any characters.', helpValue: 'name'}),
  app: Flags.string({description: 'Only those with this application_name; * is any characters.', helpValue: 'name'}),
  'older-than': Flags.string({
    description: 'Only those in their state for longer: 30s, 5m, 2h, 1d.',
    helpValue: 'time',
  }),
  'idle-over': Flags.string({description: 'Only those idle for longer, in a transaction or not.', helpValue: 'time'}),
}

/** What {@link filterFlags} hold once they are parsed. */
export type FilterValues = {[flag in keyof typeof filterFlags]?: string}

/**
 * The filter that the flags stand for.
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

/** Whether any of them was given. */
export function isFiltered(flags: FilterValues): boolean {
  return Object.values(filterOf(flags)).some((value) => value !== undefined)
}
