import {isAscii} from 'node:buffer'
import {byte} from './characters.js'
import {type Decoder, decoderOf, type EncodingChange} from './encodings.js'
import {secondEncoding} from './faults.js'
import {TextCheck, type TextFault} from './text-check.js'
import type {Window} from './window.js'

const {newline} = byte

/** Takes the bytes of a text into a window, as UTF-8, and notes the first that Postgres does not accept. */
export class Intake {
  private check = new TextCheck()
  private read: string | undefined
  private decoder: Decoder | undefined
  /** The last bytes before they were decoded. */
  private raw: Buffer = Buffer.alloc(0)
  /** Where the encoding was set. */
  readonly changes: EncodingChange[] = []

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
   * @throws SqlError (`script_encoding`) if what was read in one before cannot be taken back
   */
  set encoding(name: string | undefined) {
    if (name === this.read) return
    const decoder = decoderOf(name)
    if (decoder === undefined && this.decoder === undefined) return
    this.raw = this.decoder ? this.rawRest() : this.window.rest
    this.read = decoder && name
    this.decoder = decoder
    this.changes.push({line: this.window.place.line, name: this.read})
    this.check = new TextCheck()
    this.window.fault = undefined
    const {base} = this.window
    this.window.recode(decoder ? decoder.decode(this.raw) : this.raw)
    this.moved(base)
    this.note(this.check.push(this.window.buffer), 0)
  }

  /** Adds a chunk to the window. */
  feed(chunk: Buffer): void {
    if (this.decoder) this.raw = chunk
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

  /**
   * The bytes of the rest of the text as they were: so many lines from their end. A line end is the same byte in every
   * encoding, and the line that sets one goes on in ASCII.
   */
  private rawRest(): Buffer {
    const {rest, place} = this.window
    const firstEnd = rest.indexOf(newline)
    let start = this.raw.length
    const back = (): void => void (start = start <= 0 ? -1 : this.raw.lastIndexOf(newline, start - 1))
    for (let end = firstEnd; end >= 0; end = rest.indexOf(newline, end + 1)) back()
    if (place.column === 1) {
      back()
      if (start >= 0) return this.raw.subarray(start + 1)
    }
    const head = rest.subarray(0, firstEnd < 0 ? rest.length : firstEnd)
    const from = start - head.length
    if (from >= 0 && isAscii(head) && this.raw.subarray(from, start).equals(head)) return this.raw.subarray(from)
    throw secondEncoding(this.file, place)
  }

  private note(found: TextFault | undefined, before: number): void {
    if (found) this.window.fault ??= {fault: found.fault, index: this.window.base + before + found.index}
  }
}
