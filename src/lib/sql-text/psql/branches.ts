import type {BufferPiece} from '../pieces.js'

/** One `\if` that is open. */
interface Branch {
  /** `unknown` runs every branch, for a reading that does not know the values. */
  state: 'active' | 'inactive' | 'done' | 'unknown'
  /** Whether `\else` has been. */
  last: boolean
  /** The incomplete statement where the branch began. */
  query: BufferPiece | undefined
  /** Where the `\if` is, for a file that ends before its `\endif`. */
  at: {line: number; column: number}
}

/** The open `\if`s of one file (conditional.c). */
export class Branches {
  readonly #open: Branch[] = []

  /** Whether what comes is run. */
  get active(): boolean {
    return this.#open.every(({state}) => state === 'active' || state === 'unknown')
  }

  /** Whether it is not known if what comes is run. */
  get unknown(): boolean {
    return this.#open.some(({state}) => state === 'unknown')
  }

  /** The place of the innermost `\if` that has no `\endif`. */
  get unclosed(): {line: number; column: number} | undefined {
    return this.#open.at(-1)?.at
  }

  /** The incomplete statement before the innermost branch. */
  get queryBefore(): BufferPiece | undefined {
    return this.#open.at(-1)?.query
  }

  /** Whether the condition of an `\elif` counts; the others are not looked at. */
  get asks(): boolean {
    return this.#open.at(-1)?.state === 'inactive' && this.#open.slice(0, -1).every(({state}) => state !== 'inactive')
  }

  /** Begins an `\if`. In a branch that is not run, its condition is undefined. */
  begin(condition: boolean | 'unknown' | undefined, query: BufferPiece | undefined, at: Branch['at']): void {
    this.#open.push({state: condition === undefined ? 'done' : stateOf(condition), last: false, query, at})
  }

  /** Begins an `\elif` (`condition`) or `\else` (undefined). Returns what is wrong. */
  next(condition: boolean | 'unknown' | undefined, query: BufferPiece | undefined): string | undefined {
    const branch = this.#open.at(-1)
    const name = condition === undefined ? 'else' : 'elif'
    if (branch === undefined) return `\\${name} has no \\if before it.`
    if (branch.last) return `\\${name} cannot come after \\else.`
    if (branch.state === 'active') branch.state = 'done'
    else if (branch.state === 'inactive') branch.state = stateOf(condition ?? true)
    branch.last = condition === undefined
    branch.query = query
    return undefined
  }

  /** Ends an `\if`. Returns what is wrong. */
  end(): string | undefined {
    return this.#open.pop() === undefined ? '\\endif has no \\if before it.' : undefined
  }
}

function stateOf(condition: boolean | 'unknown'): Branch['state'] {
  return condition === 'unknown' ? 'unknown' : condition ? 'active' : 'inactive'
}
