import {open} from 'node:fs/promises'
import {describe, expect, it} from 'vitest'
import {type DumpedTable, orderByReferences} from '../../src/lib/dumps/data/dump-tables.js'
import {FileOutput} from '../../src/lib/dumps/data/output.js'
import {splitSections} from '../../src/lib/dumps/data/sections.js'
import {closing} from '../../src/lib/dumps/schema-text.js'

const heading = (name: string, type: string): string =>
  `--\n-- Name: ${name}; Type: ${type}; Schema: public; Owner: -\n--\n\n`

describe('splitSections', () => {
  const tables = `SET x = 1;\n\n${heading('t', 'TABLE')}CREATE TABLE t (\n);\n\n\n`
  const end = closing.slice(1)

  it('divides before the first index, constraint or privilege', () => {
    const after = `${heading('t_pkey', 'CONSTRAINT')}ALTER TABLE t ADD PRIMARY KEY (a);\n\n\n${end}`
    expect(splitSections(tables + after)).toEqual({before: tables, after})
  })

  it('divides before the closing line if there is nothing of the kind', () => {
    expect(splitSections(tables + end)).toEqual({before: tables, after: end})
    expect(splitSections(`é${tables}${end}`)).toEqual({before: `é${tables}`, after: end})
  })

  it('does not take the text of a comment for a heading', () => {
    const comment = `${heading('t', 'COMMENT')}COMMENT ON TABLE t IS '\n\n${heading('x', 'INDEX')}';\n\n\n`
    expect(splitSections(tables + comment + end).after).toBe(end)
  })
})

describe('orderByReferences', () => {
  const table = (oid: number): DumpedTable => ({oid}) as DumpedTable
  const oids = ({tables, circular}: ReturnType<typeof orderByReferences>): number[][] =>
    [tables, circular].map((some) => some.map(({oid}) => oid))

  it('puts tables after those to which they refer, and leaves the others where they are', () => {
    const references = [
      {from: 1, to: 3},
      {from: 3, to: 4},
      {from: 2, to: 2},
      {from: 4, to: 99},
    ]
    expect(oids(orderByReferences([1, 2, 3, 4].map(table), references))).toEqual([[2, 4, 3, 1], []])
  })

  it('reports tables for which there is no order', () => {
    const references = [
      {from: 1, to: 2},
      {from: 2, to: 1},
    ]
    expect(oids(orderByReferences([1, 2, 3].map(table), references))).toEqual([
      [3, 1, 2],
      [1, 2],
    ])
  })
})

describe('FileOutput', () => {
  it.each(['plain.sql', 'packed.sql.gz'])('fails by name when the disk is full: %s', async (path) => {
    const full = await open('/dev/full', 'w')
    const output = new FileOutput(full, path)
    const write = async (): Promise<void> => {
      for (let index = 0; index < 40; index++) await output.write(Buffer.alloc(300_000, String(Math.random())))
      await output.end()
    }
    await expect(write()).rejects.toMatchObject({
      code: 'file_unwritable',
      message: expect.stringContaining(`${path} cannot be written: ENOSPC`) as string,
    })
    await full.close()
  })
})
