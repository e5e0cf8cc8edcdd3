import {appendFileSync, readFileSync, writeFileSync} from 'node:fs'

const kept = 1000

/** Statements that may contain a secret are never stored. */
const secret = /passw(or)?d|secret|:\/\/[^\s:@/]*:[^\s@]*@/i

/**
 * The typed statements, newest first, in memory and in a file with one line each. If the file cannot be used, they are kept
 * only until the end of the session.
 */
export class History {
  readonly entries: string[]

  constructor(private readonly path: string | undefined) {
    const lines = read(path)
    this.entries = [...new Set(lines.reverse())].slice(0, kept)
    if (lines.length > 2 * kept)
      this.#save((file) =>
        writeFileSync(
          file,
          [...this.entries]
            .reverse()
            .map((line) => `${line}\n`)
            .join(''),
          {mode: 0o600},
        ),
      )
  }

  /** Adds a statement, as one entry if its lines can be joined. */
  add(lines: readonly string[], joins: boolean): void {
    const text = lines.join('\n')
    if (secret.test(text)) return
    for (const entry of joins
      ? [
          lines
            .map((line) => line.trim())
            .join(' ')
            .trim(),
        ]
      : lines) {
      if (entry.trim() === '' || entry === this.entries[0]) continue
      this.entries.unshift(entry)
      this.#save((file) => appendFileSync(file, `${entry}\n`, {mode: 0o600}))
    }
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

function read(path: string | undefined): string[] {
  try {
    return path === undefined
      ? []
      : readFileSync(path, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
  } catch {
    return []
  }
}
