import {mkdtempSync, rmSync} from 'node:fs'
import {rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** Writes a file, and returns its path. */
export type Put = (name: string, text: string) => Promise<string>

/**
 * Calls `use` with a temporary folder that other users cannot read, and removes it afterwards, also if the process exits
 * meanwhile, for example at a second signal.
 */
export async function withPrivateFolder<T>(use: (put: Put, folder: string) => Promise<T>): Promise<T> {
  // Without waiting: no signal is handled between its creation and the listener.
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-psql-'))
  const remove = (): void => rmSync(folder, {recursive: true, force: true})
  // Before other listeners, because one of them may end the process by a signal.
  process.prependListener('exit', remove)
  try {
    return await use(async (name, text) => {
      await writeFile(join(folder, name), text, {mode: 0o600})
      return join(folder, name)
    }, folder)
  } finally {
    await rm(folder, {recursive: true, force: true})
    process.off('exit', remove)
  }
}
