import {type Check, checkText} from './complaints.js'

/** How long a message may be, in characters as a person counts them. */
export const maxCharacters = 280

/** What {@link maxCharacters} of the longest emoji in use take, with room: one character may be any number of marks. */
const maxBytes = 16_384

const characters = new Intl.Segmenter('en', {granularity: 'grapheme'})

/**
 * `message_blank`, `message_invalid` or `message_exceed_max_chars`. A character is an extended grapheme cluster
 * (https://www.unicode.org/reports/tr29/): a family emoji is one, and so is a letter with its marks.
 */
export function checkMessage(message: string | null | undefined): Check {
  const check = checkText('message', message)
  if (check !== undefined || !exceeds(message ?? '')) return check
  return {code: 'message_exceed_max_chars', message: `The message has more than ${maxCharacters} characters.`}
}

/** Counts no further than it has to, so that a megabyte of text is refused as soon as a long sentence is. */
function exceeds(message: string): boolean {
  if (message.length <= maxCharacters) return false
  if (message.length > maxBytes || Buffer.byteLength(message) > maxBytes) return true
  const rest = characters.segment(message)[Symbol.iterator]()
  let count = 0
  while (count <= maxCharacters && rest.next().done !== true) count += 1
  return count > maxCharacters
}
