import {chmod, mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {cli} from './cli.js'

/** A home folder with its own embedded server; afterwards the server is stopped and the folder removed. */
export async function withServerHome(
  use: (env: {CRUDDUR_DB_HOME: string}, home: string) => Promise<void>,
): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'cruddur-home-'))
  // For root, the server runs under another account, which must be able to read its data.
  await chmod(home, 0o755)
  const env = {CRUDDUR_DB_HOME: home}
  try {
    await use(env, home)
  } finally {
    await cli(['server:stop'], {env})
    await rm(home, {recursive: true, force: true})
  }
}
