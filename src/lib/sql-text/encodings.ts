/** Reads bytes of an encoding as UTF-8. */
export interface Decoder {
  decode(chunk: Buffer): Buffer
  /** The rest, at the end of the text. */
  end(): Buffer
}

/** The encodings of Postgres that are not read as they are, without the signs in their names, and their names on the web. */
const labels: Readonly<Record<string, string>> = {
  latin1: 'latin1',
  iso88591: 'latin1',
  latin2: 'iso-8859-2',
  iso88592: 'iso-8859-2',
  latin3: 'iso-8859-3',
  latin4: 'iso-8859-4',
  latin5: 'windows-1254',
  latin6: 'iso-8859-10',
  latin7: 'iso-8859-13',
  latin8: 'iso-8859-14',
  latin9: 'iso-8859-15',
  iso885915: 'iso-8859-15',
  latin10: 'iso-8859-16',
  iso88595: 'iso-8859-5',
  iso88596: 'iso-8859-6',
  iso88597: 'iso-8859-7',
  iso88598: 'iso-8859-8',
  koi8: 'koi8-r',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  win866: 'ibm866',
  win874: 'windows-874',
  win1250: 'windows-1250',
  win1251: 'windows-1251',
  win: 'windows-1251',
  win1252: 'windows-1252',
  win1253: 'windows-1253',
  win1254: 'windows-1254',
  win1255: 'windows-1255',
  win1256: 'windows-1256',
  win1257: 'windows-1257',
  win1258: 'windows-1258',
  euccn: 'gbk',
  eucjp: 'euc-jp',
  euckr: 'euc-kr',
  gbk: 'gbk',
  win936: 'gbk',
  gb18030: 'gb18030',
  big5: 'big5',
  win950: 'big5',
  sjis: 'shift_jis',
  shiftjis: 'shift_jis',
  mskanji: 'shift_jis',
  win932: 'shift_jis',
  uhc: 'euc-kr',
  win949: 'euc-kr',
}

/** Where the encoding of a file changes: from this line on it is `name`; undefined for UTF-8. */
export interface EncodingChange {
  line: number
  name: string | undefined
}

export function isUtf8(encoding: string): boolean {
  return /^(utf-?8|unicode)$/i.test(encoding)
}

/** Creates a decoder for an encoding of Postgres; undefined for UTF-8, and for those that are sent as they are. */
export function decoderOf(encoding: string | undefined): Decoder | undefined {
  const name = encoding
    ?.toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/^windows/, 'win')
  const label = name === undefined ? undefined : labels[name]
  if (label === undefined) return undefined
  // The web reads "latin1" as windows-1252.
  if (label === 'latin1') return {decode: (chunk) => Buffer.from(chunk.toString('latin1')), end: () => Buffer.alloc(0)}
  const decoder = new TextDecoder(label)
  return {
    decode: (chunk) => Buffer.from(decoder.decode(chunk, {stream: true})),
    end: () => Buffer.from(decoder.decode()),
  }
}

/** Reads chunks of an encoding as UTF-8. */
export async function* decoded(chunks: AsyncIterable<Buffer>, encoding: string | undefined): AsyncGenerator<Buffer> {
  const decoder = decoderOf(encoding)
  for await (const chunk of chunks) yield decoder ? decoder.decode(chunk) : chunk
  if (decoder) yield decoder.end()
}

/** The encoding that a statement sets for the client; undefined if it sets none. */
export function encodingSet(statement: string): string | undefined {
  return /^\s*set\s+(?:session\s+|local\s+)?(?:"?client_encoding"?\s*(?:=|\bto\b)|names)\s*['"]?([\w-]+)/i.exec(
    statement,
  )?.[1]
}
