import {emitKeypressEvents, type Key} from 'node:readline'
import type {ReadStream, WriteStream} from 'node:tty'
import textWidth from 'string-width'
import type {Size} from './state.js'

export interface ScreenListeners {
  /** Called with a printable character, or a name: `up`, `enter`, `ctrl-c`, … */
  onKey: (key: string) => void
  onResize: (size: Size) => void
}

// Alternate screen, no cursor, no line wrapping; and the reverse
// (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html).
const enter = '\u001B[?1049h\u001B[?25l\u001B[?7l\u001B[H\u001B[2J'
const leave = '\u001B[?2026l\u001B[?7h\u001B[?25h\u001B[?1049l'
// Synchronized update: the terminal shows everything in between at once. Other terminals ignore it.
const beginUpdate = '\u001B[?2026h'
const endUpdate = '\u001B[?2026l'

/** Uses the whole terminal, and always restores it, even if the process is killed by a signal. */
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

  /** Switches to the full screen. */
  open(): void {
    if (this.#open) return
    this.#open = true
    if (!this.#listening) this.#listen()
    this.input.setRawMode(true)
    this.input.resume()
    this.output.write(enter)
    this.#drawn = []
  }

  /** Restores the terminal. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    this.output.write(leave)
    this.input.setRawMode(false)
    this.input.pause()
  }

  /** Restores the terminal and removes all listeners. */
  dispose(): void {
    this.close()
    this.#listening = false
    this.input.off('keypress', this.#key)
    this.output.off('resize', this.#resize)
    process.off('exit', this.#exit).off('SIGCONT', this.#continue)
  }

  /** Draws these lines. Unchanged lines are not written again. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return
    const {columns} = this.size
    // After a full line the cursor is still on its last character, which clearing would delete.
    const cleared = (line: string): string =>
      textWidth(line) < columns ? `${line}\u001B[0m\u001B[K` : `${line}\u001B[0m`
    const changed = lines.flatMap((line, row) =>
      line === this.#drawn[row] ? [] : [`\u001B[${row + 1};1H${cleared(line)}`],
    )
    if (changed.length > 0) this.output.write(`${beginUpdate}${changed.join('')}${endUpdate}`)
    this.#drawn = [...lines]
  }

  /** Clears the screen, so that all lines are written again. */
  repaint(): void {
    this.#drawn = []
    if (this.#open) this.output.write('\u001B[2J')
  }

  /** Ctrl-Z: stops the whole foreground process group, as the terminal does outside raw mode. */
  suspend(): void {
    if (process.platform === 'win32') return
    this.close()
    process.kill(0, 'SIGTSTP')
    // Without a shell, the signal does nothing and there is no SIGCONT.
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
    const name = keyName(text, key)
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

function keyName(text: string | undefined, {name, ctrl, meta}: Key): string | undefined {
  if (ctrl) return name === undefined ? undefined : `ctrl-${name}`
  if (name !== undefined && name.length > 1) return names[name] ?? name
  // Other input of a terminal or a paste has no name and may contain control characters.
  return meta || text === undefined || /[\u0000-\u001F\u007F]/.test(text) ? undefined : text
}
