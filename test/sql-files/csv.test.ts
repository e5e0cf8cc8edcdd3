import {describe, expect, it} from 'vitest'
import {withoutEnd} from '../../src/lib/sql-files/csv.js'

async function check(text: string, size: number): Promise<string> {
  const bytes = Buffer.from(text)
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
  }
  const parts: Buffer[] = []
  for await (const part of withoutEnd({path: 'a.csv', name: 'a.csv', includedFrom: []}, chunks())) parts.push(part)
  return Buffer.concat(parts).toString()
}

describe('a CSV row that ends the data on a server before version 18', () => {
  it.each([
    ['a\n\\.\n1\n', 2],
    ['a\nb\r\n\\.\r\n1\n', 3],
    ['a\n1\n\\.', 3],
    ['\\.\n', 1],
  ])('is an error in %j', async (text, line) => {
    for (const size of [1, 2, 3, 5, 100])
      await expect(check(text, size)).rejects.toMatchObject({
        code: 'script_csv_end',
        details: {place: {line, column: 1}},
      })
  })

  it('is none in other places', async () => {
    const text = 'a\n"\\."\nx\\.\n\\.x\n\\.,\n\\\\.\n'
    for (const size of [1, 2, 3, 100]) expect(await check(text, size)).toBe(text)
  })
})
