import {emitKeypressEvents, type Key} from 'node:readline'
import type {ReadStream, WriteStream} from 'node:tty'
import textWidth from 'string-width'
import type {Size} from './state.js'

/** What {@link Screen} tells. */
export interface ScreenListeners {
  /** A printable character, or a name: `up`, `enter`, `ctrl-c`, … */
  onKey: (key: string) => void
  onResize: (size: Size) => void
}

// Alternate screen, no cursor, no wrapping; all of it undone again
// (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html).
const enter = '\u001B[?1049h\u001B[?25l\u001B[?7l\u001B[H\u001B[2J'
const leave = '\u001B[?2026l\u001B[?7h\u001B[?25h\u001B[?1049l'
// A terminal that knows it shows what stands between all at once; others ignore it.
const begin = '\u001B[?2026h'
const end = '\u001B[?2026l'

/** The terminal as a whole screen, which it gives back as it was, however the process ends. */
export class Screen {
  #drawn: readonly string[] = []
  #open = false
  #listening = false

  constructor(
    private readonly listeners: ScreenListeners,
    private readonly input: ReadStream = process.stdin,
    private readonly output: WriteStream = process.stdout,
  ) {}

  get size(): Size {
    const {columns, rows} = this.output
    return {columns: Math.max(1, columns), rows: Math.max(1, rows)}
  }

  /** Takes the terminal over. */
  open(): void {
    if (this.#open) return
    this.#open = true
    if (!this.#listening) this.#listen()
    this.input.setRawMode(true)
    this.input.resume()
    this.output.write(enter)
    this.#drawn = []
  }

  /** Gives it back. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    this.output.write(leave)
    this.input.setRawMode(false)
    this.input.pause()
  }

  /** Gives the terminal back for good. */
  dispose(): void {
    this.close()
    this.#listening = false
    this.input.off('keypress', this.#key)
    this.output.off('resize', this.#resize)
    process.off('exit', this.#exit).off('SIGCONT', this.#continue)
  }

  /** Shows these lines: what is on the screen already is not written again. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return
    const {columns} = this.size
    // In the last column the cursor stays on what was written there, which clearing would take away.
    const cleared = (line: string): string =>
      textWidth(line) < columns ? `${line}\u001B[0m\u001B[K` : `${line}\u001B[0m`
    const changed = lines.flatMap((line, row) =>
      line === this.#drawn[row] ? [] : [`\u001B[${row + 1};1H${cleared(line)}`],
    )
    if (changed.length > 0) this.output.write(`${begin}${changed.join('')}${end}`)
    this.#drawn = [...lines]
  }

  /** Forgets what is on the screen, so that all of it is written again. */
  repaint(): void {
    this.#drawn = []
    if (this.#open) this.output.write('\u001B[2J')
  }

  /** Ctrl-Z: stops the whole foreground group, as the terminal does outside of raw mode. */
  suspend(): void {
    if (process.platform === 'win32') return
    this.close()
    process.kill(0, 'SIGTSTP')
    // Where no shell has control the signal does nothing, and nothing says that we go on.
    setTimeout(this.#continue, 100)
  }

  readonly #exit = (): void => this.close()

  readonly #continue = (): void => {
    if (!this.#listening) return
    this.close()
    this.open()
    this.listeners.onResize(this.size)
  }

  readonly #resize = (): void => {
    this.repaint()
    this.listeners.onResize(this.size)
  }

  readonly #key = (text: string | undefined, key: Key): void => {
    const name = nameOf(text, key)
    if (name !== undefined) this.listeners.onKey(name)
  }

  #listen(): void {
    this.#listening = true
    emitKeypressEvents(this.input)
    this.input.on('keypress', this.#key)
    this.output.on('resize', this.#resize)
    process.on('exit', this.#exit).on('SIGCONT', this.#continue)
  }
}

const names: Record<string, string> = {return: 'enter', space: 'space'}

function nameOf(text: string | undefined, {name, ctrl, meta}: Key): string | undefined {
  if (ctrl) return name === undefined ? undefined : `ctrl-${name}`
  if (name !== undefined && name.length > 1) return names[name] ?? name
  // What the terminal or a paste sends beside keys has no name and may be anything.
  return meta || text === undefined || /[\u0000-\u001F\u007F]/.test(text) ? undefined : text
}
