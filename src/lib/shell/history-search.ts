/** What a search shows: the prompt, and the statement with the cursor where it matches. */
export interface Found {
  prompt: string
  text: string
  cursor: number
}

/** Ctrl-R: the newest statement that contains what is typed, and with each further Ctrl-R an older one, as in readline. */
export class HistorySearch {
  #typed = ''
  #at = 0
  #missing = false

  constructor(private readonly entries: readonly string[]) {}

  /** What is found for the text so far. */
  get found(): Found {
    const text = this.#typed === '' ? '' : (this.entries[this.#at] ?? '')
    const failed = this.#missing ? 'failed ' : ''
    return {
      prompt: `(${failed}reverse-i-search)\`${this.#typed}': `,
      text,
      cursor: Math.max(0, text.toLowerCase().indexOf(this.#typed.toLowerCase())),
    }
  }

  /** Adds to the text. */
  type(text: string): void {
    this.#typed += text
    this.#seek(this.#at)
  }

  /** Removes the last character, and begins with the newest statement again. */
  erase(): void {
    this.#typed = [...this.#typed].slice(0, -1).join('')
    this.#seek(0)
  }

  older(): void {
    if (this.#typed !== '') this.#seek(this.#at + 1)
  }

  #seek(from: number): void {
    const typed = this.#typed.toLowerCase()
    const index = this.entries.findIndex((entry, at) => at >= from && entry.toLowerCase().includes(typed))
    this.#missing = index === -1
    if (index !== -1) this.#at = index
  }
}
