/**
 * Characters that control a terminal or the direction of text, or that are invisible: C0 and C1 without tab and line feed,
 * and Unicode's bidirectional and format controls. The joiners of scripts and emoji are not among them.
 */
const controls =
  '\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B\\u200E\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB'
const control = new RegExp(`[${controls}]`, 'g')

/** One control character, tab and line feed among them, as a part to split at. */
export const anyControl = new RegExp(`([\\t\\n${controls}])`)

/** Removes control characters. */
export function withoutControls(text: string): string {
  return text.replace(control, '')
}

/** Replaces each control character by a question mark, so that columns are still counted right. */
export function maskControls(text: string): string {
  return text.replace(control, '?')
}

/** Shows control characters as psql does (`\x1B`, `\u202E`), so that text from outside cannot control the terminal. */
export function showControls(text: string): string {
  return text.replace(control, shown)
}

/** Writes control characters in the strings of a JSON document as escapes, which mean the same. */
export function escapeControls(json: string): string {
  return json.replace(control, (part) => `\\u${hex(part, 4)}`)
}

/** One control character as psql shows it. */
export function shown(part: string): string {
  if (part === '\r') return '\\r'
  return part.charCodeAt(0) < 0x80 ? `\\x${hex(part, 2)}` : `\\u${hex(part, 4)}`
}

function hex(part: string, digits: number): string {
  return part.charCodeAt(0).toString(16).toUpperCase().padStart(digits, '0')
}
