import {createInterface, type Interface} from 'node:readline'
import type {History} from './history.js'

/** What the user typed at the prompt: a line, Ctrl-C, or Ctrl-D. */
export type Typed = {line: string} | 'interrupt' | 'end'

/** Returns the candidates for Tab and the word that they replace; `line` ends at the cursor, `after` begins there. */
export type Completer = (line: string, after: string) => Promise<[candidates: string[], word: string]>

/** Node's readline, with a method that its types do not have. */
type Readline = Interface & {clearLine(): void}

/**
 * Reads lines from a terminal. Between two lines the terminal is in its normal mode, so that Ctrl-C is a signal and a pager
 * can use it. Pasted lines wait.
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
    // The history has statements, not lines, and leaves some out.
    this.#readline.on('history', (lines: string[]) => void lines.splice(0, lines.length, ...history.entries))
    this.#readline.on('line', (line) => this.#take({line}))
    this.#readline.on('SIGINT', () => this.#interrupt())
    this.#readline.on('close', () => {
      this.#closed = true
      this.#take('end')
    })
    this.#pause()
  }

  /** Waits for what the user types at this prompt. */
  async next(prompt: string): Promise<Typed> {
    if (this.#waiting.length === 0 && !this.#closed) {
      process.stdin.setRawMode(true)
      this.#readline.setPrompt(prompt)
      // Keeps what was typed meanwhile, and the cursor after it.
      this.#readline.prompt(true)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }

    return this.#waiting.shift() ?? 'end'
  }

  close(): void {
    this.#readline.removeAllListeners('close')
    this.#readline.close()
  }

  /** Shows the prompt and the typed text again, after other output. */
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
    // Since Node 24 a closed readline throws when it is paused.
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
