import {psqlMissing} from './connect.js'

/** What psql's own arguments ask to be run: statements, or a file of them. */
export interface Job {
  kind: 'command' | 'file'
  text: string
}

const forms: Readonly<Record<string, Job['kind']>> = {c: 'command', command: 'command', f: 'file', file: 'file'}

/**
 * Reads those of psql's arguments that need no psql: `-c SQL` and `-f FILE`, in psql's spellings.
 * @throws MissingProgramError for any other
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
