import {type Check, checkText} from './complaints.js'

/** The maximum length of a message, in characters as people count them. */
export const maxCharacters = 280

/** More bytes than {@link maxCharacters} long emoji need, because one character can have any number of combining marks. */
const maxMessageBytes = 16_384

const characters = new Intl.Segmenter('en', {granularity: 'grapheme'})

/**
 * Returns `message_blank`, `message_invalid` or `message_exceed_max_chars`. A character is an extended grapheme cluster
 * (https://www.unicode.org/reports/tr29/), for example a family emoji, or a letter with its accents.
 */
export function checkMessage(message: unknown): Check {
  const check = checkText('message', message)
  if (check !== undefined || !exceeds(String(message))) return check
  return {code: 'message_exceed_max_chars', message: `The message must not have more than ${maxCharacters} characters.`}
}

/** Stops counting at the limit, so that a megabyte of text is refused fast. */
function exceeds(message: string): boolean {
  if (message.length <= maxCharacters) return false
  if (message.length > maxMessageBytes || Buffer.byteLength(message) > maxMessageBytes) return true
  const rest = characters.segment(message)[Symbol.iterator]()
  let count = 0
  while (count <= maxCharacters && rest.next().done !== true) count += 1
  return count > maxCharacters
}
