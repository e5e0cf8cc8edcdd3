import {shorten} from './table.js'

export interface ProgressLineOptions {
  /** Gets the line, if it is a terminal. */
  stream?: {isTTY?: boolean; columns?: number; write: (text: string) => unknown}
  /** A monotonic clock in milliseconds. */
  clock?: () => number
}

const quietMilliseconds = 1000
const redrawMilliseconds = 100
/** How often it is drawn while nothing is reported, for example during a long statement. */
const tickMilliseconds = 500
const eraseLine = '\r\u001b[K'

/** A line on a terminal that is drawn again and again, cut to its width; none in the first second. */
export class ProgressLine {
  private readonly start: number
  private drawn = 0
  private text: ((seconds: number) => string) | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(private readonly options: ProgressLineOptions = {}) {
    this.start = this.now()
  }

  /** The time since the work began. */
  get seconds(): number {
    return (this.now() - this.start) / 1000
  }

  /** Draws the line, unless it was drawn just now, and from now on again and again. `text` gets the seconds since the work began. */
  draw(text: (seconds: number) => string): void {
    if (this.options.stream === undefined && process.env['TERM'] === 'dumb') return
    if (!this.stream.isTTY) return
    this.text = text
    this.timer ??= setInterval(() => this.redraw(), tickMilliseconds).unref()
    this.redraw()
  }

  /** Removes the line, until it is drawn again. */
  erase(): void {
    if (this.drawn > 0) this.stream.write(eraseLine)
    this.drawn = 0
  }

  /** Removes the line for good. Must be called when the work has ended. */
  end(): void {
    clearInterval(this.timer)
    this.timer = undefined
    this.erase()
  }

  private redraw(): void {
    const now = this.now()
    if (this.text === undefined || now - this.start < quietMilliseconds || now - this.drawn < redrawMilliseconds) return
    this.drawn = now
    const columns = this.stream.columns || Infinity
    this.stream.write(`${eraseLine}${shorten(this.text((now - this.start) / 1000), columns - 1)}`)
  }

  private get stream(): NonNullable<ProgressLineOptions['stream']> {
    return this.options.stream ?? process.stderr
  }

  private now(): number {
    return (this.options.clock ?? (() => performance.now()))()
  }
}
