import type {SqlSession} from '../postgres/wire/sql-session.js'
import type {Shown} from './describe.js'
import type {HowPrinted} from './interpreter.js'
import {openOutput, type Output, type OutputEvents, standardOutput} from './output.js'
import {type Destination, type Display, Printer, type ScreenSize} from './printer.js'

/** Where results go, and how they are shown. */
export class Results {
  /** Where `\\o` sends them. */
  #redirected: Output | undefined

  constructor(
    readonly display: Display,
    private readonly env: NodeJS.ProcessEnv,
    private readonly sql: SqlSession,
  ) {}

  /** A printer for one result. */
  printer(how: HowPrinted & {folder: string}, texts?: Pick<Shown, 'title' | 'footer'>): Printer {
    const {expanded = this.display.expanded, title, to, folder} = how
    const display = {...this.display, ...(title !== undefined && {title}), ...texts, expanded}
    return new Printer(display, this.#destination(to, folder), this.env, this.#events)
  }

  /** Sends the results that follow to a file, or `|` and a program, or to stdout again. */
  async redirect(to: string | undefined, folder: string): Promise<void> {
    const before = this.#redirected
    this.#redirected = to === undefined ? undefined : this.#open(to, folder)
    await before?.end()
  }

  /** Writes a text where results go. */
  write(text: string): void {
    const output = this.#redirected ?? standardOutput(this.#events)
    output.write(text)
  }

  async show({columns, rows, asTable = false, ...texts}: Shown): Promise<void> {
    const printer = this.printer({folder: '', ...(asTable && {expanded: false})}, texts)
    printer.fields(columns)
    for (const row of rows) printer.row(row)
    printer.tag('SELECT')
    await printer.finish()
  }

  get isRedirected(): boolean {
    return this.#redirected !== undefined
  }

  #destination(to: string | undefined, folder: string): Destination {
    if (to !== undefined) return {output: this.#open(to, folder), screen: undefined, ends: true}
    if (this.#redirected !== undefined) return {output: this.#redirected, screen: undefined}
    return {output: standardOutput(this.#events), screen: screenSize()}
  }

  #open(to: string, folder: string): Output {
    return openOutput(to, this.env, folder, this.#events)
  }

  get #events(): OutputEvents {
    return {onFlow: (open) => this.sql.flow(open), onClosed: () => void this.sql.cancel()}
  }
}

function screenSize(): ScreenSize | undefined {
  const {isTTY, columns, rows} = process.stdout
  return isTTY ? {columns, rows} : undefined
}
