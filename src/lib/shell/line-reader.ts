import {createInterface, type Interface, type Key} from 'node:readline'
import {suspendJob} from '../text/suspend.js'
import type {History} from './history.js'
import {HistorySearch} from './history-search.js'

/** What the user typed at the prompt: lines, Ctrl-C, or Ctrl-D. */
export type Typed = {line: string} | 'interrupt' | 'end'

/** Returns the candidates for Tab and the word that they replace; `line` ends at the cursor, `after` begins there. */
export type Completer = (line: string, after: string) => Promise<[candidates: string[], word: string]>

/**
 * Node's readline, with what its types do not have. Node's own REPL takes keys in the same way, and old programs do, for
 * which it keeps the names.
 */
type Readline = Omit<Interface, 'line' | 'cursor'> & {
  line: string
  cursor: number
  clearLine(): void
  _ttyWrite(text: string | undefined, key: Key): void
  _insertString(text: string): void
  _refreshLine(): void
  _writeToOutput(text: string): unknown
}

/** A terminal then says where a paste begins and ends (https://invisible-island.net/xterm/xterm-paste64.html). */
const pasteMode = {on: '\u001B[?2004h', off: '\u001B[?2004l'}

/** What could control the terminal, when the paste is shown. */
const controls = /[^\P{Cc}\n\t]/gu

/**
 * Reads lines from a terminal. Between two lines the terminal is in its normal mode, so that Ctrl-C is a signal and a pager
 * can use it. What is typed meanwhile waits. A paste is inserted with its line ends, and runs at Enter.
 */
export class LineReader {
  readonly #readline: Readline
  readonly #waiting: Typed[] = []
  #wake: (() => void) | undefined
  #closed = false
  #pasted: string | undefined
  /** What is typed behind a Ctrl-D, until it is known whether that has ended more than the data of a COPY. */
  #behindEnd: [text: string | undefined, key: Key][] | undefined
  /** The statement of the history that is shown; -1 for none. */
  #recalled = -1
  /** What was typed before one was shown. */
  #draft = ''
  #search: HistorySearch | undefined
  /** The prompt and the line before a search. */
  #before = {prompt: '', line: ''}

  constructor(
    private readonly history: History,
    complete: Completer,
  ) {
    this.#readline = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      // Its own keeps lines, and since Node 24 reverses what has several.
      historySize: 0,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        void complete(line, this.#readline.line.slice(line.length)).then(
          (result) => done(null, result),
          () => done(null, [[], line]),
        )
      },
    }) as unknown as Readline
    const write = this.#readline._ttyWrite.bind(this.#readline)
    this.#readline._ttyWrite = (text, key) => {
      if (!this.#key(text, key)) write(text, key)
    }
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
      this.#recalled = -1
      this.#raw(true)
      this.#readline.setPrompt(prompt)
      // Keeps what was typed meanwhile, and the cursor after it.
      this.#readline.prompt(true)
      const behind = this.#behindEnd ?? []
      this.#behindEnd = undefined
      for (const [text, key] of behind) this.#readline._ttyWrite(text, key)
      if (this.#waiting.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    }

    return this.#waiting.shift() ?? 'end'
  }

  /** Puts a text into the next line, for the user to change. */
  offer(text: string): void {
    this.#readline.line = text
    this.#readline.cursor = text.length
  }

  /** Asks a question, whose answer is typed after it: lines that waited are dropped. Undefined after Ctrl-C or Ctrl-D. */
  async ask(question: string): Promise<string | undefined> {
    this.#waiting.length = 0
    const typed = await this.next(question)
    return typeof typed === 'object' ? typed.line : undefined
  }

  /** Asks for a line that is not shown. */
  async secret(question: string): Promise<string | undefined> {
    const write = this.#readline._writeToOutput.bind(this.#readline)
    this.#readline._writeToOutput = (text) => text.startsWith(question) && write(question)
    try {
      return await this.ask(question)
    } finally {
      this.#readline._writeToOutput = write
      process.stdout.write('\n')
    }
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

  /** Returns whether the key is one of ours. */
  #key(text: string | undefined, key: Key): boolean {
    const {name, ctrl} = key
    if (this.#behindEnd !== undefined) this.#behindEnd.push([text, key])
    else if (name === 'paste-start') this.#pasted = ''
    else if (this.#pasted !== undefined) this.#paste(text, key)
    else if (this.#search !== undefined) return this.#searching(this.#search, text, key)
    else if (name === 'up' || (ctrl && name === 'p')) this.#recall(1)
    else if (name === 'down' || (ctrl && name === 'n')) this.#recall(-1)
    else if (ctrl && name === 'r') this.#beginSearch()
    else if (ctrl && name === 'z') this.#suspend()
    // Readline would be closed for good, but this may only be the end of the data of a COPY.
    else if (ctrl && name === 'd' && this.#readline.line === '') this.#end()
    else return false
    return true
  }

  #end(): void {
    this.#behindEnd = []
    this.#take('end')
  }

  #paste(text: string | undefined, {name, sequence = ''}: Key): void {
    if (name !== 'paste-end') {
      this.#pasted += /^(return|enter)$/.test(name ?? '') ? '\n' : (text ?? sequence)
      return
    }
    const pasted = (this.#pasted ?? '').replace(/\r\n?/g, '\n').replace(/\n+$/, '').replace(controls, '')
    this.#pasted = undefined
    if (pasted === '') return
    this.#readline._insertString(pasted)
    this.#readline._refreshLine()
  }

  #recall(by: 1 | -1): void {
    const {entries} = this.history
    if (this.#recalled === -1) this.#draft = this.#readline.line
    const index = this.#recalled + by
    if (index < -1 || index >= entries.length) return
    this.#recalled = index
    this.#show(entries[index] ?? this.#draft)
  }

  #beginSearch(): void {
    this.#before = {prompt: this.#readline.getPrompt(), line: this.#readline.line}
    this.#search = new HistorySearch(this.history.entries)
    this.#showSearch(this.#search)
  }

  #searching(search: HistorySearch, text: string | undefined, {name, ctrl, meta}: Key): boolean {
    if (ctrl && name === 'r') search.older()
    else if (name === 'backspace') search.erase()
    else if (ctrl && (name === 'g' || name === 'c')) {
      this.#endSearch(this.#before.line)
      return true
    } else if (text !== undefined && !ctrl && !meta && /^[^\p{Cc}]+$/u.test(text)) search.type(text)
    else {
      const {text: line, cursor} = search.found
      this.#endSearch(line, cursor)
      // Escape only ends the search; other keys do what they always do.
      return name === 'escape'
    }
    this.#showSearch(search)
    return true
  }

  #showSearch(search: HistorySearch): void {
    const {prompt, text, cursor} = search.found
    this.#readline.setPrompt(prompt)
    this.#show(text, cursor)
  }

  #endSearch(line: string, cursor = line.length): void {
    this.#search = undefined
    this.#readline.setPrompt(this.#before.prompt)
    this.#show(line, cursor)
  }

  #show(line: string, cursor = line.length): void {
    this.#readline.line = line
    this.#readline.cursor = cursor
    this.#readline._refreshLine()
  }

  #suspend(): void {
    this.#markPastes(false)
    suspendJob(() => {
      this.#markPastes(true)
      this.#readline.prompt(true)
    })
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
    this.#raw(false)
  }

  #raw(on: boolean): void {
    process.stdin.setRawMode(on)
    this.#markPastes(on)
  }

  #markPastes(on: boolean): void {
    if (process.env['TERM'] !== 'dumb') process.stdout.write(on ? pasteMode.on : pasteMode.off)
  }

  #interrupt(): void {
    this.#readline.write(null, {ctrl: true, name: 'e'})
    process.stdout.write('^C')
    this.#readline.clearLine()
    this.#take('interrupt')
  }
}
