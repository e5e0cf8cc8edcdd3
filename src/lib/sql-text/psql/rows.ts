import type {AnswerSink} from '../../postgres/wire/script-wire.js'
import type {AnsweredRows} from './state.js'

/** The number of rows in a command tag; 0 if it has none. */
export function countOf(tag: string): number {
  return Number(/ (\d+)$/.exec(tag)?.[1] ?? 0)
}

/** The rows of the last statement that returns some. */
export class LastRows implements AnswerSink, AnsweredRows {
  columns: string[] = []
  rows: (string | null)[][] = []

  fields(columns: {name: string}[]): void {
    this.columns = columns.map(({name}) => name)
    this.rows = []
  }

  row(values: (string | null)[]): void {
    this.rows.push(values)
  }

  copyBegins(): void {}

  copyData(): void {}

  tag(): void {}
}
