/**
 * Bytes with a meaning in psql's scanner.
 *
 * Scripts are read as bytes and never decoded. This is safe, because all these bytes are ASCII, and bytes of longer UTF-8
 * characters are never below 0x80. The classes are those of `psqlscan.l`
 * (https://github.com/postgres/postgres/blob/REL_18_STABLE/src/fe_utils/psqlscan.l).
 */
export const byte = {
  tab: 0x09,
  newline: 0x0a,
  formFeed: 0x0c,
  carriageReturn: 0x0d,
  space: 0x20,
  doubleQuote: 0x22,
  dollar: 0x24,
  ampersand: 0x26,
  quote: 0x27,
  openParenthesis: 0x28,
  closeParenthesis: 0x29,
  star: 0x2a,
  plus: 0x2b,
  minus: 0x2d,
  dot: 0x2e,
  slash: 0x2f,
  colon: 0x3a,
  semicolon: 0x3b,
  equals: 0x3d,
  question: 0x3f,
  backslash: 0x5c,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const

/** What a byte may begin outside quotes and comments. */
export const kind = {
  other: 0,
  blank: 1,
  word: 2,
  digit: 3,
  quote: 4,
  doubleQuote: 5,
  dollar: 6,
  minus: 7,
  slash: 8,
  open: 9,
  close: 10,
  semicolon: 11,
  backslash: 12,
  colon: 13,
} as const

/** {@link kind} by byte. */
export const kinds = new Uint8Array(256)
/** 1 for bytes that continue an identifier: `ident_cont` in psqlscan.l. */
export const wordBytes = new Uint8Array(256)
/** 1 for bytes that continue the tag of a dollar quote: `dolq_cont`. */
export const tagBytes = new Uint8Array(256)

const isLetter = (code: number) =>
  (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f || code >= 0x80
const isDigit = (code: number) => code >= 0x30 && code <= 0x39

for (let code = 0; code < 256; code++) {
  if (isLetter(code)) kinds[code] = kind.word
  if (isDigit(code)) kinds[code] = kind.digit
  tagBytes[code] = isLetter(code) || isDigit(code) ? 1 : 0
  wordBytes[code] = tagBytes[code] === 1 || code === byte.dollar ? 1 : 0
}
for (const code of [byte.tab, byte.newline, byte.formFeed, byte.carriageReturn, byte.space]) kinds[code] = kind.blank
kinds[byte.quote] = kind.quote
kinds[byte.doubleQuote] = kind.doubleQuote
kinds[byte.dollar] = kind.dollar
kinds[byte.minus] = kind.minus
kinds[byte.slash] = kind.slash
kinds[byte.openParenthesis] = kind.open
kinds[byte.closeParenthesis] = kind.close
kinds[byte.colon] = kind.colon
kinds[byte.semicolon] = kind.semicolon
kinds[byte.backslash] = kind.backslash

/** The empty text. */
export const noBytes = Buffer.alloc(0)
