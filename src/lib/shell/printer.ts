import type {AnswerSink} from '../postgres/wire/script-wire.js'
import {visible} from './cell.js'
import {layoutOf} from './layout.js'
import type {LayoutOptions, ResultColumn, RowLayout} from './layout-parts.js'
import {type Output, type OutputEvents, pagerCommand, startPager} from './output.js'

/** How results are shown. Commands such as `\\x` change it. */
export interface Display extends LayoutOptions {
  /** Whether rows are shown as records; `auto` means if a table would be wider than the screen. */
  expanded: boolean | 'auto'
  pager: boolean
  timing: boolean
  /** Whether statements without rows answer nothing. */
  readonly quiet: boolean
}

/** Where a result goes. */
export interface Destination {
  output: Output
  /** Undefined if it is not a terminal. */
  screen: ScreenSize | undefined
  /** Whether it is only for this result, and is closed after it. */
  ends?: boolean
}

/** The size of the screen; undefined if stdout is not a terminal. */
export interface ScreenSize {
  columns: number
  rows: number
}

/** This many rows, or UTF-16 units of text, decide the column widths. Later rows are written as they come. */
const sampleRows = 1000
const sampleLength = 4_000_000
/** Text is written in chunks of this length. */
const pieceLength = 64 * 1024

/**
 * Prints the result of a statement. Large results need little memory: the first rows decide the layout, and the others are
 * written as they come, no faster than they are read.
 */
export class Printer implements AnswerSink {
  #columns: readonly ResultColumn[] | undefined
  #sample: (string | null)[][] = []
  #length = 0
  #layout: RowLayout | undefined
  #count = 0
  #pending = ''
  #output: Output
  #pager = false
  #left = false
  #copies = false
  #lastTag = ''

  constructor(
    private readonly display: Display,
    private readonly to: Destination,
    private readonly env: NodeJS.ProcessEnv,
    private readonly events: OutputEvents,
  ) {
    this.#output = to.output
  }

  /** Whether the user has quit the pager before the end of the result. */
  get left(): boolean {
    return this.#left
  }

  /** The tag of the last statement that is finished. */
  get lastTag(): string {
    return this.#lastTag
  }

  fields(columns: readonly ResultColumn[]): void {
    this.#columns = columns
  }

  row(values: (string | null)[]): void {
    this.#count += 1
    if (this.#layout !== undefined) return this.#write(this.#layout.row(values))
    this.#sample.push(values)
    this.#length += values.reduce((sum, value) => sum + (value?.length ?? 0), 0)
    if (this.#sample.length >= sampleRows || this.#length >= sampleLength) this.#begin(false)
  }

  copyBegins(): void {
    this.#copies = true
    this.#flush()
  }

  copyData(chunk: Buffer): void {
    // Data must not control a terminal; a file gets the data unchanged.
    if (this.to.screen === undefined) this.#output.write(chunk)
    else this.#write(harmless(chunk.toString()))
  }

  tag(tag: string): void {
    this.#lastTag = tag
    if (this.#columns !== undefined) this.#end()
    const isResult = this.#columns !== undefined || this.#copies
    if ((!isResult || /^(INSERT|UPDATE|DELETE|MERGE)/.test(tag)) && !this.display.quiet) this.#write(`${tag}\n`)
    this.#reset()
  }

  /** Writes the rest, and waits until the user has quit the pager. */
  async finish(): Promise<void> {
    this.#flush()
    const output = this.#output
    this.#output = this.to.output
    this.#pager = false
    if (output !== this.to.output || this.to.ends === true) await output.end()
  }

  #begin(complete: boolean): RowLayout {
    const columns = this.#columns ?? []
    const {screen} = this.to
    const {expanded, title} = this.display
    const input = {columns, sample: this.#sample, options: this.display, shown: screen === undefined ? plain : harmless}
    const table = layoutOf(input, false)
    const wide = screen !== undefined && table.width > screen.columns
    const asRecords = title === undefined && (expanded === true || (expanded === 'auto' && wide))
    const layout = asRecords ? layoutOf(input, true) : table
    this.#layout = layout
    const text = layout.head() + this.#sample.map((row) => layout.row(row)).join('')
    if (!complete || (wide && !asRecords) || text.split('\n').length + 2 > (screen?.rows ?? Infinity))
      this.#page(!asRecords)
    this.#sample = []
    this.#write(text)
    return layout
  }

  #page(cuts: boolean): void {
    const command =
      this.to.screen !== undefined && this.display.pager && !this.#pager ? pagerCommand(this.env) : undefined
    if (command === undefined) return
    this.#flush()
    this.#output = startPager(command, this.env, cuts, {...this.events, onClosed: () => this.#leave()})
    this.#pager = true
  }

  #leave(): void {
    if (this.#layout === undefined) return
    this.#left = true
    this.events.onClosed()
  }

  #end(): void {
    const layout = this.#layout ?? this.#begin(true)
    this.#write(layout.foot(this.#count))
  }

  #reset(): void {
    this.#columns = undefined
    this.#copies = false
    this.#layout = undefined
    this.#sample = []
    this.#length = 0
    this.#count = 0
  }

  #write(text: string): void {
    this.#pending += text
    if (this.#pending.length >= pieceLength) this.#flush()
  }

  #flush(): void {
    if (this.#pending !== '') this.#output.write(this.#pending)
    this.#pending = ''
  }
}

const plain = (text: string): string => text

/** What goes to a terminal must not control it. */
function harmless(text: string): string {
  return text.split('\n').map(visible).join('\n')
}
