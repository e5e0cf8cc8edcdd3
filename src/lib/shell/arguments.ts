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
}

const argumentForms: Readonly<Record<string, Job['kind'] | 'variable'>> = {
  c: 'command',
  command: 'command',
  f: 'file',
  file: 'file',
  v: 'variable',
  set: 'variable',
  variable: 'variable',
}

/**
 * Parses the arguments of psql that the built-in shell supports: `-c SQL`, `-f FILE` and `-v NAME=VALUE`, in all of psql's
 * spellings.
 * @throws MissingProgramError for other arguments
 */
export function readArguments(args: readonly string[]): ShellJob {
  const asked: ShellJob = {jobs: [], variables: {}}
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [, short, attached, long, equals, value] =
      /^(?:-([cfv])(.+)?|--(command|file|set|variable)(=(.*))?)$/s.exec(arg) ?? []
    const kind = argumentForms[short ?? long ?? '']
    const text = short === undefined ? (equals === undefined ? rest.shift() : value) : (attached ?? rest.shift())
    if (kind === undefined || text === undefined) throw psqlMissing(arg)
    if (kind !== 'variable') asked.jobs.push({kind, text})
    else {
      const [, name = '', given = ''] = /^([^=]*)=?(.*)$/s.exec(text) ?? []
      if (!isVariableName(name)) throw psqlMissing(arg)
      asked.variables[name] = given
    }
  }

  return asked
}
