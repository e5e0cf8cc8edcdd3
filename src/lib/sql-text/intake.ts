import {type Decoder, decoderOf} from './encodings.js'
import {secondEncoding} from './faults.js'
import {TextCheck, type TextFault} from './text-check.js'
import type {Window} from './window.js'

/** Takes the bytes of a text into a window, as UTF-8, and notes the first that Postgres does not accept. */
export class Intake {
  private check = new TextCheck()
  private read: string | undefined
  private decoder: Decoder | undefined

  /** `moved` is called when positions in the window have changed. */
  constructor(
    private readonly file: string,
    private readonly window: Window,
    private readonly moved: (count: number) => void,
  ) {}

  /** The encoding of the text that follows; undefined for UTF-8. */
  get encoding(): string | undefined {
    return this.read
  }

  /**
   * Reads the text that follows in another encoding of Postgres.
   * @throws SqlError (`script_encoding`) for a second one
   */
  set encoding(name: string | undefined) {
    if (name === this.read) return
    if (this.decoder) throw secondEncoding(this.file, this.window.place)
    const decoder = decoderOf(name)
    if (decoder === undefined) return
    this.read = name
    this.decoder = decoder
    this.check = new TextCheck()
    this.window.fault = undefined
    const {base} = this.window
    this.window.recode((bytes) => decoder.decode(bytes))
    this.moved(base)
    this.note(this.check.push(this.window.buffer), 0)
  }

  /** Adds a chunk to the window. */
  feed(chunk: Buffer): void {
    const bytes = this.decoder ? this.decoder.decode(chunk) : chunk
    const before = this.window.length
    this.moved(this.window.append(bytes))
    this.note(this.check.push(bytes), before)
  }

  /** Adds the end of the text to the window. */
  finish(): void {
    if (this.decoder) this.moved(this.window.append(this.decoder.end()))
    this.note(this.check.end(), this.window.length)
  }

  private note(found: TextFault | undefined, before: number): void {
    if (found) this.window.fault ??= {fault: found.fault, index: this.window.base + before + found.index}
  }
}
