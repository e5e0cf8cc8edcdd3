import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** Writes a file, and returns its path. */
export type Put = (name: string, text: string) => Promise<string>

/** Calls `use` with a temporary folder that other users cannot read, and removes it afterwards. */
export async function withPrivateFolder<T>(use: (put: Put, folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-psql-'))
  try {
    return await use(async (name, text) => {
      await writeFile(join(folder, name), text, {mode: 0o600})
      return join(folder, name)
    }, folder)
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}
