import {appendFileSync, readFileSync, writeFileSync} from 'node:fs'

const kept = 1000

/** What may hold a secret, and is remembered nowhere: a password, or a URL with one. */
const secret = /passw(or)?d|secret|:\/\/[^\s:@/]*:[^\s@]*@/i

/**
 * The statements that were typed, the newest first, in memory and in a file, a line each. Where the file cannot be read
 * or written they are remembered until the end of the session.
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

  /** Adds what was typed for one statement, as one entry where its lines can be put into one. */
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
