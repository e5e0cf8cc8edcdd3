import {SqlError} from '../../errors.js'
import {type BufferPiece, madeUp} from '../pieces.js'
import {SqlSplitter} from '../splitter.js'

/** The statements in a text that a statement has made. What does not end is left to the server. */
export function statementsOf(text: string): BufferPiece[] {
  const splitter = new SqlSplitter({file: ''})
  try {
    const pieces = [...splitter.push(Buffer.from(text)), ...splitter.end()]
    return pieces.filter(({kind}) => kind !== 'blank')
  } catch (error) {
    if (error instanceof SqlError) return [madeUp(text, {line: 1, column: 1})]
    throw error
  }
}
