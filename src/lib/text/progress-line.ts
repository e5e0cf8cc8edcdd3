export interface ProgressLineOptions {
  /** Gets the line, if it is a terminal. */
  stream?: {isTTY?: boolean; write: (text: string) => unknown}
  /** A monotonic clock in milliseconds. */
  clock?: () => number
}

const quietMilliseconds = 1000
const redrawMilliseconds = 100
const eraseLine = '\r\u001b[K'

/** A line on a terminal that is drawn again and again; none in the first second. */
export class ProgressLine {
  private readonly start: number
  private drawn = 0

  constructor(private readonly options: ProgressLineOptions = {}) {
    this.start = this.now()
  }

  /** The time since the work began. */
  get seconds(): number {
    return (this.now() - this.start) / 1000
  }

  /** Draws the line, unless it was drawn just now. `text` gets the seconds since the work began. */
  draw(text: (seconds: number) => string): void {
    const {stream = process.stderr} = this.options
    if (!stream.isTTY) return
    const now = this.now()
    if (now - this.start < quietMilliseconds || now - this.drawn < redrawMilliseconds) return
    this.drawn = now
    stream.write(`${eraseLine}${text((now - this.start) / 1000)}`)
  }

  /** Removes the line. Must be called when the work has ended. */
  erase(): void {
    if (this.drawn > 0) (this.options.stream ?? process.stderr).write(eraseLine)
    this.drawn = 0
  }

  private now(): number {
    return (this.options.clock ?? (() => performance.now()))()
  }
}
