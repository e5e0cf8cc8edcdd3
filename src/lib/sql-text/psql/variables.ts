import {escapeIdentifier, escapeLiteral} from '../../postgres/wire/escape.js'

/** How a variable is written: `:name`, `:'name'`, `:"name"`, or `:{?name}`, which asks whether it is set. */
export type ReferenceForm = 'plain' | 'literal' | 'identifier' | 'defined'

const validName = /^[A-Za-z0-9_\u0080-\uffff]+$/
/** Variables of psql that are on or off; without a value they are on. */
const switches = new Set(['AUTOCOMMIT', 'ON_ERROR_STOP', 'QUIET', 'SINGLELINE', 'SINGLESTEP'])
/** Other variables that steer psql, so that \gset does not set them. */
const steering = new Set([
  'COMP_KEYWORD_CASE',
  'ECHO',
  'ECHO_HIDDEN',
  'FETCH_COUNT',
  'HIDE_TABLEAM',
  'HIDE_TOAST_COMPRESSION',
  'HISTCONTROL',
  'HISTSIZE',
  'IGNOREEOF',
  'ON_ERROR_ROLLBACK',
  'PROMPT1',
  'PROMPT2',
  'PROMPT3',
  'SHOW_ALL_RESULTS',
  'SHOW_CONTEXT',
  'VERBOSITY',
  'WATCH_INTERVAL',
])

/** Whether a name can be the name of a variable. */
export function isVariableName(name: string): boolean {
  return validName.test(name)
}

/** A boolean as psql reads it, of which a prefix is enough (ParseVariableBool in variables.c); undefined if it is none. */
export function readBoolean(text: string): boolean | undefined {
  const value = text.toLowerCase()
  const begins = (word: string, length = 1): boolean => value.length >= length && word.startsWith(value)
  if (begins('true') || begins('yes') || begins('on', 2) || value === '1') return true
  if (begins('false') || begins('no') || begins('off', 2) || value === '0') return false
  return undefined
}

/** psql's variables. */
export class PsqlVariables {
  readonly #values: Map<string, string>

  constructor(values: Readonly<Record<string, string>> = {}) {
    this.#values = new Map(Object.entries(values))
  }

  get(name: string): string | undefined {
    return this.#values.get(name)
  }

  /** All variables in order of their names. */
  entries(): [name: string, value: string][] {
    return [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** Sets a variable; returns what is wrong with the name or the value. */
  set(name: string, value: string): string | undefined {
    if (!isVariableName(name)) return `Invalid variable name: "${name}".`
    const isSwitch = switches.has(name)
    if (isSwitch && value !== '' && readBoolean(value) === undefined)
      return `Unrecognized value "${value}" for "${name}": it is on or off.`
    this.#values.set(name, isSwitch && value === '' ? 'on' : value)
    return undefined
  }

  /** Removes a variable; those that are on or off become off. */
  unset(name: string): void {
    if (switches.has(name)) this.#values.set(name, 'off')
    else this.#values.delete(name)
  }

  /** Whether psql itself reads the variable. */
  isSpecial(name: string): boolean {
    return switches.has(name) || steering.has(name)
  }

  /** The text that replaces a reference; undefined if it stays as it is, because the variable is not set. */
  resolve(name: string, form: ReferenceForm): string | undefined {
    const value = this.#values.get(name)
    if (form === 'defined') return value === undefined ? 'FALSE' : 'TRUE'
    if (value === undefined || form === 'plain') return value
    return form === 'literal' ? escapeLiteral(value) : escapeIdentifier(value)
  }
}
