import type {Piece} from '../../src/lib/sql-text/pieces.js'
import {type SplitterOptions, SqlSplitter} from '../../src/lib/sql-text/splitter.js'

/** Cuts the bytes at the given positions and splits the result into segments. */
export function split(bytes: Buffer, cuts: number[] = [], options: Partial<SplitterOptions> = {}): Piece[] {
  const splitter = new SqlSplitter({file: 'a.sql', ...options})
  const bounds = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const pieces = bounds.slice(1).flatMap((end, i) => splitter.push(Buffer.from(bytes.subarray(bounds[i], end))))
  return [...pieces, ...splitter.end()]
}

/** The text of a segment after leading blanks and comments. */
export const text = (piece: Piece) => piece.bytes.subarray(piece.start).toString()
