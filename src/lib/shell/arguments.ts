import {psqlMissing} from './connect.js'

/** Statements or a file to run, from psql's arguments. */
export interface Job {
  kind: 'command' | 'file'
  text: string
}

const forms: Readonly<Record<string, Job['kind']>> = {c: 'command', command: 'command', f: 'file', file: 'file'}

/**
 * Parses the arguments of psql that the built-in shell supports: `-c SQL` and `-f FILE`, in all of psql's spellings.
 * @throws MissingProgramError for other arguments
 */
export function readJobs(args: readonly string[]): Job[] {
  const jobs: Job[] = []
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [, short, attached, long, equals, value] = /^(?:-([cf])(.+)?|--(command|file)(=(.*))?)$/s.exec(arg) ?? []
    const kind = forms[short ?? long ?? '']
    const text = short === undefined ? (equals === undefined ? rest.shift() : value) : (attached ?? rest.shift())
    if (kind === undefined || text === undefined) throw psqlMissing(arg)
    jobs.push({kind, text})
  }

  return jobs
}
