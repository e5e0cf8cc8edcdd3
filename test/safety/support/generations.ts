import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** Two sets of data: each setup replaces the one that is there by the other. */
export const generations = ['first', 'second'] as const
export type Generation = (typeof generations)[number]
export const other = (generation: Generation): Generation => (generation === 'first' ? 'second' : 'first')

/** How many rows there are when all are there. */
const complete = 100

/** What a database holds; a half-built one has no such table, or an empty one. */
export const reading = 'select generation, count(*)::int as n from contents group by generation'

/** The generation that was read, if it is complete and nothing else was with it; else what is wrong, in words. */
export function judge(rows: readonly {generation: string; n: number}[]): Generation | {wrong: string} {
  const [row] = rows
  const found = generations.find((generation) => generation === row?.generation)
  if (rows.length === 1 && found !== undefined && row?.n === complete) return found
  return {
    wrong: rows.length === 0 ? 'no rows' : rows.map(({generation, n}) => `${n} rows of ${generation}`).join(' and '),
  }
}

const tables = 'create table contents (generation text, n int);\n'
const half = (generation: Generation): string =>
  `insert into contents select '${generation}', n from generate_series(1, ${complete / 2}) n;\n`

/** Makes the database's contents without the program. */
export const filling = (generation: Generation): string => `${tables}${half(generation)}${half(generation)}`

/** Writes the SQL files of each generation into a folder of its name: this repository's own, and the contents. */
export async function writeGenerations(folder: string): Promise<void> {
  const own = fileURLToPath(new URL('../../../sql', import.meta.url))
  const [schema, seed] = await Promise.all(['schema.sql', 'seed.sql'].map((file) => readFile(join(own, file), 'utf8')))
  for (const generation of generations) {
    const sql = join(folder, generation, 'sql')
    await mkdir(sql, {recursive: true})
    await writeFile(join(sql, 'schema.sql'), `${schema}${tables}`)
    await writeFile(join(sql, 'seed.sql'), `${half(generation)}${seed}${half(generation)}`)
  }
}
