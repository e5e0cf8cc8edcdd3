import {readBoolean} from '../sql-text/psql/variables.js'
import {commandFailure} from './failures.js'
import {formats} from './layout-parts.js'
import type {Display} from './printer.js'

/** An option of `\pset`: sets it, without a value toggles or resets it, and tells what it is. */
interface Option {
  set: (display: Display, value: string | undefined, name: string) => void
  tell: (display: Display) => string
  /** As `\pset` lists it. */
  list: (display: Display) => string
}

const onOff = (value: boolean): string => (value ? 'on' : 'off')
const quoted = (text: string): string => `'${text.replaceAll('\n', '\\n').replaceAll("'", "\\'")}'`

/** @throws SqlError (`shell_command`) */
export function readSwitch(name: string, now: boolean, word: string | undefined): boolean {
  const value = word === undefined ? !now : readBoolean(word)
  if (value === undefined) throw commandFailure(`\\${name} takes on or off.`)
  return value
}

function toggled(key: 'tuplesOnly' | 'counts' | 'pager', label: string): Option {
  return {
    set: (display, value, name) => (display[key] = readSwitch(`pset ${name}`, display[key], value)),
    tell: (display) => `${label} is ${onOff(display[key])}.`,
    list: (display) => onOff(display[key]),
  }
}

function separator(key: 'fieldSeparator' | 'recordSeparator', label: string): Option {
  return {
    set: (display, value) => (display[key] = value ?? display[key]),
    tell: (display) => `${label} is ${display[key] === '\n' ? '<newline>' : `"${display[key]}"`}.`,
    list: (display) => quoted(display[key]),
  }
}

const options: Readonly<Record<string, Option>> = {
  border: {
    set(display, value = '') {
      if (!/^\d+$/.test(value)) throw commandFailure('\\pset border takes 0, 1 or 2.')
      display.border = Number(value)
    },
    tell: ({border}) => `Border style is ${border}.`,
    list: ({border}) => `${border}`,
  },
  expanded: {
    set(display, value) {
      display.expanded = value === 'auto' ? 'auto' : readSwitch('x', display.expanded === true, value)
    },
    tell: ({expanded}) => `Expanded display is ${expanded === 'auto' ? 'used automatically' : onOff(expanded)}.`,
    list: ({expanded}) => (expanded === 'auto' ? 'auto' : onOff(expanded)),
  },
  fieldsep: separator('fieldSeparator', 'Field separator'),
  footer: toggled('counts', 'Default footer'),
  format: {
    set(display, value = '') {
      const found = formats.filter((format) => value !== '' && format.startsWith(value))
      if (found.length !== 1) throw commandFailure(`\\pset format takes ${formats.join(', ')}.`)
      display.format = found[0]!
    },
    tell: ({format}) => `Output format is ${format}.`,
    list: ({format}) => format,
  },
  null: {
    set: (display, value) => (display.nothing = value ?? display.nothing),
    tell: ({nothing}) => `Null display is "${nothing}".`,
    list: ({nothing}) => quoted(nothing),
  },
  pager: {
    ...toggled('pager', 'Pager'),
    tell: ({pager}) => (pager ? 'Pager is used for long output.' : 'Pager usage is off.'),
  },
  recordsep: separator('recordSeparator', 'Record separator'),
  title: {
    set: (display, value) => (display.title = value),
    tell: ({title}) => (title === undefined ? 'Title is unset.' : `Title is "${title}".`),
    list: ({title}) => title ?? '',
  },
  tuples_only: toggled('tuplesOnly', 'Tuples only'),
}

const aliases: Readonly<Record<string, string>> = {x: 'expanded', vertical: 'expanded', t: 'tuples_only', C: 'title'}

/** Whether this shell has an option of `\pset`. */
export function isOption(name: string): boolean {
  return Object.hasOwn(options, aliases[name] ?? name)
}

/**
 * Sets an option of `\pset`, and returns the sentence on it.
 * @throws SqlError (`shell_command`) for options and values that this shell does not have
 */
export function setOption(display: Display, name: string, value: string | undefined): string {
  const full = aliases[name] ?? name
  const option = Object.hasOwn(options, full) ? options[full] : undefined
  if (option === undefined)
    throw commandFailure(`\\pset ${name} is not supported.`, `It has: ${Object.keys(options).join(', ')}`)
  option.set(display, value, full)
  return option.tell(display)
}

/** All options with their values, one on each line. */
export function listOptions(display: Display): string {
  return Object.entries(options)
    .map(([name, {list}]) => `${name.padEnd(12)} ${list(display)}`)
    .join('\n')
}
