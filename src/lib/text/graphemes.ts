let segmenter: Intl.Segmenter | undefined

/** The characters of a text as people count them, for example one for an emoji of several code points. */
export function* graphemesOf(text: string): Generator<string> {
  // Created on demand, because that takes as long as rendering a table.
  segmenter ??= new Intl.Segmenter('en')
  for (const {segment} of segmenter.segment(text)) yield segment
}
