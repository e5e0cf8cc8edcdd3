import {createInterface, type Interface} from 'node:readline'
import type {History} from './history.js'

/** What a person did at the prompt: a line, Ctrl-C, or the end (Ctrl-D). */
export type Typed = {line: string} | 'interrupt' | 'end'

/** Gives what Tab may put in place of the word before the cursor, and that word, of a line up to and after the cursor. */
export type Completer = (line: string, after: string) => Promise<[candidates: string[], word: string]>

/** node's readline, of which only some is declared. */
type Readline = Interface & {clearLine(): void}

/**
 * Reads lines from a terminal. Between two lines the terminal is as any program has it, so that Ctrl-C is a signal and a
 * pager can use it; what was pasted after a line waits.
 */
export class LineReader {
  readonly #readline: Readline
  readonly #waiting: Typed[] = []
  #wake: (() => void) | undefined
  #closed = false

  constructor(history: History, complete: Completer) {
    const entries = [...history.entries]
    this.#readline = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      history: entries,
      historySize: entries.length + 1000,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        void complete(line, this.#readline.line.slice(line.length)).then(
          (result) => done(null, result),
          () => done(null, [[], line]),
        )
      },
    }) as Readline
    // Statements are remembered, not lines, and some not at all.
    this.#readline.on('history', (lines: string[]) => void lines.splice(0, lines.length, ...history.entries))
    this.#readline.on('line', (line) => this.#take({line}))
    this.#readline.on('SIGINT', () => this.#interrupt())
    this.#readline.on('close', () => {
      this.#closed = true
      this.#take('end')
    })
    this.#pause()
  }

  /** The next thing that is typed at this prompt. */
  async next(prompt: string): Promise<Typed> {
    if (this.#waiting.length === 0 && !this.#closed) {
      process.stdin.setRawMode(true)
      this.#readline.setPrompt(prompt)
      // What was typed meanwhile stays, and the cursor behind it.
      this.#readline.prompt(true)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }

    return this.#waiting.shift() ?? 'end'
  }

  close(): void {
    this.#readline.removeAllListeners('close')
    this.#readline.close()
  }

  /** Shows the prompt, another perhaps, and what was typed again, below what was written in between. */
  redraw(prompt: string): void {
    if (this.#wake === undefined) return
    this.#readline.setPrompt(prompt)
    this.#readline.prompt(true)
  }

  #take(typed: Typed): void {
    this.#waiting.push(typed)
    this.#pause()
    this.#wake?.()
    this.#wake = undefined
  }

  #pause(): void {
    // From Node 24 on a readline that is closed, and so paused, throws at whatever it is asked.
    if (!this.#closed) this.#readline.pause()
    process.stdin.setRawMode(false)
  }

  #interrupt(): void {
    this.#readline.write(null, {ctrl: true, name: 'e'})
    process.stdout.write('^C')
    this.#readline.clearLine()
    this.#take('interrupt')
  }
}
