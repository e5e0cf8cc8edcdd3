import type {Lexer} from '../lexer.js'
import type {Window} from '../window.js'
import type {ReferenceForm} from './variables.js'

/** psql's variables. */
export interface VariableSource {
  /** The text for a reference; undefined leaves it as it is. */
  resolve(name: string, form: ReferenceForm): string | undefined
  /** Whether the statements so far must have run before. */
  waits(name: string): boolean
}

/** Replaces variables in a text while it is read. */
export class Expansion {
  /** Before this position, variables were already replaced. */
  private doneTo = 0
  /** The variables whose values are being read, up to these positions, so that a value does not contain itself. */
  private within: {name: string; end: number}[] = []

  constructor(
    private readonly lexer: Lexer,
    private readonly window: Window,
    private readonly source: VariableSource,
  ) {}

  /** Adjusts the positions after `count` bytes were removed from the front of the buffer. */
  shift(count: number): void {
    this.doneTo -= count
    for (const each of this.within) each.end -= count
  }

  /** Leaves everything before that position as it is. */
  beginAt(position: number): void {
    this.doneTo = position
    this.within = []
  }

  /**
   * Replaces the variable at which the lexer has stopped. Its value is read as part of the text, unless it is quoted.
   * Returns false if it is not known yet.
   */
  replace(): boolean {
    const {lexer, window, source} = this
    const {name, form, end} = lexer.reference!
    this.within = this.within.filter((each) => each.end > lexer.pos)
    const stays = lexer.pos < this.doneTo || this.within.some((each) => each.name === name)
    if (!stays && source.waits(name)) return false
    const value = stays ? undefined : source.resolve(name, form)
    if (value === undefined) {
      lexer.pos = end
      return true
    }
    const text = Buffer.from(value)
    window.replace(lexer.pos, end, text)
    for (const each of this.within) each.end += text.length - (end - lexer.pos)
    if (form !== 'plain') lexer.pos += text.length
    else {
      this.within.push({name, end: lexer.pos + text.length})
      if (lexer.start === lexer.pos) lexer.start = -1
    }
    return true
  }
}
