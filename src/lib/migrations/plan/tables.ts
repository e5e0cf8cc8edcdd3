import {formatBytes, formatNumber} from '../../text/format.js'
import type {StatementFacts} from './changes.js'
import {type RelationState, sqlName} from './relations.js'
import {type TableSize, type TargetFacts, tableKey} from './target.js'

/**
 * A table that has neither more rows nor more bytes gives no findings about locks, scans and rewrites, because these take
 * no time there that anybody notices.
 */
export const small = {rows: 10_000, bytes: 10_000_000}

type Locked = Pick<StatementFacts, 'held' | 'parents'>

/** The tables before the migrations, by the oids of the copy, with their sizes on the target. */
export class Tables {
  constructor(
    readonly initial: ReadonlyMap<number, RelationState>,
    private readonly target: Pick<TargetFacts, 'tables'> & {
      /** Whether each table counts as large. */
      unknownSizes?: boolean
    },
  ) {}

  /** Undefined for a table that the migrations have made. */
  sizeOf(oid: number): TableSize | undefined {
    const table = this.initial.get(oid)
    return table && this.target.tables.get(tableKey(table))
  }

  isLarge(oid: number): boolean {
    const size = this.sizeOf(oid)
    return size !== undefined && (this.target.unknownSizes === true || isLarge(size))
  }

  /** The name before the migrations, as SQL. */
  nameOf(oid: number): string {
    const table = this.initial.get(oid)
    return table === undefined ? '' : sqlName(table)
  }

  /** `users (41 GB, about 300 million rows)` */
  label(oid: number): string {
    const size = this.sizeOf(oid)
    return size === undefined || this.target.unknownSizes === true
      ? this.nameOf(oid)
      : `${this.nameOf(oid)} (${describeSize(size)})`
  }

  /**
   * Tables in place of their partitions, where a statement has done the same to the whole: where it has locked that, or where
   * that is in `within`.
   */
  tops(oids: Iterable<number>, facts: Locked, within: {has(oid: number): boolean} = facts.held): number[] {
    const top = (oid: number): number => {
      const parent = facts.parents.get(oid)
      return parent !== undefined && within.has(parent) && this.initial.has(parent) ? top(parent) : oid
    }
    return [...new Set([...oids].filter((oid) => this.initial.has(oid)).map(top))]
  }

  /** The large ones of {@link tops}. */
  largeTops(...args: Parameters<Tables['tops']>): number[] {
    return this.tops(...args).filter((oid) => this.isLarge(oid))
  }
}

function isLarge({bytes, rows}: TableSize): boolean {
  return bytes > small.bytes || (rows ?? 0) > small.rows
}

function describeSize({bytes, rows}: TableSize): string {
  if (rows === null) return formatBytes(bytes)
  return `${formatBytes(bytes)}, ${rows === 0 ? 'no rows' : `about ${describeRows(rows)}`}`
}

/** Estimates are rounded to two digits: `about 300 million rows`. */
function describeRows(rows: number): string {
  if (rows < 100) return rows === 1 ? '1 row' : `${rows} rows`
  const power = 10 ** (Math.floor(Math.log10(rows)) - 1)
  const round = Math.round(rows / power) * power
  if (round < 1_000_000) return `${formatNumber(round)} rows`
  const [unit, word] = round < 1_000_000_000 ? [1_000_000, 'million'] : [1_000_000_000, 'billion']
  return `${Number((round / unit).toFixed(1))} ${word} rows`
}
