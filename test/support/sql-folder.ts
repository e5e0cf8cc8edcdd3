import {cp, mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'

/** Writes `sql/schema.sql` and `sql/seed.sql` into a folder, like those of a project; a file without text is not written. */
export async function writeSql(folder: string, {schema, seed}: {schema?: string; seed?: string}): Promise<void> {
  await mkdir(join(folder, 'sql'), {recursive: true})
  for (const [name, text] of [
    ['schema.sql', schema],
    ['seed.sql', seed],
  ] as const) {
    if (text !== undefined) await writeFile(join(folder, 'sql', name), text)
  }
}

/** Copies the schema and seed of this repository into another folder. */
export async function copyCruddurSql(folder: string): Promise<void> {
  await mkdir(join(folder, 'sql'), {recursive: true})
  for (const name of ['schema.sql', 'seed.sql'])
    await cp(new URL(`../../sql/${name}`, import.meta.url), join(folder, 'sql', name))
}
