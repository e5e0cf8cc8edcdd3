import {appendFileSync, readFileSync, writeFileSync} from 'node:fs'

const kept = 1000

/** Stands for a line end in the file, as in psql's. */
const lineEnd = '\u0001'

/**
 * What may be a secret is never in the file: a literal after PASSWORD and the like, what such a word is equal to, as in the
 * parameters of a connection, and a URL with a password. The statement can still be had again in this session, as in psql.
 */
const secret = /(?:passw(?:or)?d|secret)\w*["')]*(?:\s*:?=|[\s,]+(?:e|u&)?['$])|:\/\/[^\s:@/]*:[^\s@]*@/i

/**
 * The typed statements, newest first, with their line ends, in memory and in a file with one line each. If the file cannot be
 * used, they are kept only until the end of the session.
 */
export class History {
  readonly entries: string[]

  constructor(private readonly path: string | undefined) {
    const lines = read(path)
    this.entries = [...new Set(lines.reverse())].slice(0, kept)
    if (lines.length > 2 * kept)
      this.#save((file) => writeFileSync(file, this.entries.toReversed().map(lineOf).join(''), {mode: 0o600}))
  }

  add(statement: string): void {
    const entry = statement.trim()
    if (entry === '' || entry === this.entries[0]) return
    this.entries.unshift(entry)
    if (!secret.test(entry)) this.#save((file) => appendFileSync(file, lineOf(entry), {mode: 0o600}))
  }

  /** Writes all statements of this session and earlier ones, oldest first; not what may be a secret. */
  text(): string {
    const shown = this.entries.filter((entry) => !secret.test(entry))
    return shown
      .toReversed()
      .map((entry) => `${entry}\n`)
      .join('')
  }

  #save(write: (path: string) => void): void {
    if (this.path === undefined) return
    try {
      write(this.path)
    } catch {
      // A full disk must not end the session.
    }
  }
}

function lineOf(entry: string): string {
  return `${entry.replaceAll('\n', lineEnd)}\n`
}

function read(path: string | undefined): string[] {
  try {
    return path === undefined
      ? []
      : readFileSync(path, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => line.replaceAll(lineEnd, '\n'))
  } catch {
    return []
  }
}
