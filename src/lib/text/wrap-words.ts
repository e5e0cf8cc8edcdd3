/** Wraps a text at spaces to lines of at most `width` characters. A longer word gets its own line. */
export function wrapWords(text: string, width: number): string[] {
  if (text.trim() === '') return []
  return text
    .trim()
    .split('\n')
    .flatMap((paragraph) => (paragraph === '' ? [''] : foldWords(paragraph.split(' '), width)))
}

/** Puts words on lines of at most `width` characters. A word with spaces in it is not broken. */
export function foldWords(words: string[], width: number): string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }

  return lines
}
