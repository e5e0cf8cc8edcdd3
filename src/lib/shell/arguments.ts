import {isVariableName} from '../sql-text/psql/variables.js'
import {psqlMissing} from './connect.js'

/** Statements or a file to run, from psql's arguments. */
export interface Job {
  kind: 'command' | 'file'
  text: string
}

/** What psql's arguments ask for. */
export interface ShellJob {
  jobs: Job[]
  /** The variables of `-v name=value`. */
  variables: Record<string, string>
  /** Options of `\pset`, in order. */
  options: [name: string, value: string | undefined][]
  quiet: boolean
  /** The file or `|` and the program that gets the results. */
  output: string | undefined
}

/** What an argument does. With `value`, it takes one. */
type Form =
  | {value: true; take: (asked: ShellJob, value: string) => boolean | void}
  | {value?: false; take: (asked: ShellJob) => void}

const option = (name: string, value: string): Form => ({take: ({options}) => void options.push([name, value])})
const optionOf = (name: string): Form => ({value: true, take: ({options}, value) => void options.push([name, value])})
/** There is nothing here to switch off. */
const without: Form = {take: () => undefined}

const forms: Readonly<Record<string, Form>> = {
  command: {value: true, take: ({jobs}, text) => void jobs.push({kind: 'command', text})},
  file: {value: true, take: ({jobs}, text) => void jobs.push({kind: 'file', text})},
  variable: {
    value: true,
    take({variables}, text) {
      const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(text) ?? []
      if (!isVariableName(name)) return false
      variables[name] = value
      return true
    },
  },
  pset: {
    value: true,
    take({options}, text) {
      const [name = '', ...value] = text.split('=')
      options.push([name, value.length === 0 ? undefined : value.join('=')])
    },
  },
  output: {value: true, take: (asked, path) => void (asked.output = path)},
  quiet: {take: (asked) => void (asked.quiet = true)},
  csv: option('format', 'csv'),
  expanded: option('expanded', 'on'),
  'no-align': option('format', 'unaligned'),
  'tuples-only': option('tuples_only', 'on'),
  'field-separator': optionOf('fieldsep'),
  'record-separator': optionOf('recordsep'),
  'no-psqlrc': without,
  'no-readline': without,
  'no-password': without,
}
const letters: Readonly<Record<string, string>> = {
  ...{c: 'command', f: 'file', v: 'variable', P: 'pset', o: 'output', q: 'quiet', x: 'expanded', A: 'no-align'},
  ...{
    t: 'tuples-only',
    F: 'field-separator',
    R: 'record-separator',
    X: 'no-psqlrc',
    n: 'no-readline',
    w: 'no-password',
  },
  set: 'variable',
}

/**
 * Parses the arguments of psql that the built-in shell supports, in all of psql's spellings, as `-XAtc SQL`.
 * @throws MissingProgramError for other arguments
 */
export function readArguments(args: readonly string[]): ShellJob {
  const asked: ShellJob = {jobs: [], variables: {}, options: [], quiet: false, output: undefined}
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const long = /^--([\w-]+)(?:=(.*))?$/s.exec(arg)
    if (long !== null) take(asked, long[1]!, long[2], rest, arg)
    else takeLetters(asked, arg, rest)
  }
  return asked
}

function takeLetters(asked: ShellJob, arg: string, rest: string[]): void {
  if (!/^-./s.test(arg)) throw psqlMissing(arg)
  for (let at = 1; at < arg.length; at++) {
    const attached = arg.slice(at + 1)
    const letter = arg.charAt(at)
    if (take(asked, letter, attached === '' ? undefined : attached, rest, `-${letter}`)) return
  }
}

/** Returns whether the argument has taken a value. */
function take(asked: ShellJob, name: string, value: string | undefined, rest: string[], arg: string): boolean {
  const full = Object.hasOwn(letters, name) ? letters[name]! : name
  const form = Object.hasOwn(forms, full) ? forms[full]! : undefined
  if (form === undefined) throw psqlMissing(arg)
  if (form.value !== true) {
    form.take(asked)
    return false
  }
  const given = value ?? rest.shift()
  if (given === undefined || form.take(asked, given) === false) throw psqlMissing(arg)
  return true
}
