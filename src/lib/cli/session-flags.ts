import {Flags} from '@oclif/core'
import {type SessionFilter, sessionStates} from '../operations/session-filter.js'
import {parseDuration} from './duration.js'

const duration = (flag: string, description: string) =>
  Flags.string({description, helpValue: 'time', parse: (text: string) => Promise.resolve(String(parseDuration(text, `--${flag}`)))})

/** The flags that say which sessions are meant. */
export const filterFlags = {
  state: Flags.string({description: 'Only those in this state.', helpValue: 'state', options: [...sessionStates]}),
  user: Flags.string({description: 'Only those of this role; * is any characters.', helpValue: 'role'}),
  database: Flags.string({description: 'Only those in this database; * is any characters.', helpValue: 'name'}),
  app: Flags.string({description: 'Only those with this application_name; * is any characters.', helpValue: 'name'}),
  'older-than': duration('older-than', 'Only those in their state for longer: 30s, 5m, 2h, 1d.'),
  'idle-over': duration('idle-over', 'Only those idle for longer, in a transaction or not.'),
}

/** What {@link filterFlags} hold once they are parsed. */
export type FilterValues = {[flag in keyof typeof filterFlags]?: string}

/** The filter that the flags stand for. */
export function filterOf(flags: FilterValues): SessionFilter {
  const seconds = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))
  return {
    state: flags.state,
    user: flags.user,
    database: flags.database,
    application: flags.app,
    olderThan: seconds(flags['older-than']),
    idleOver: seconds(flags['idle-over']),
  }
}

/** Whether any of them was given. */
export function isFiltered(flags: FilterValues): boolean {
  return Object.values(filterOf(flags)).some((value) => value !== undefined)
}
