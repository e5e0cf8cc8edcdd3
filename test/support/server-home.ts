import {chmod} from 'node:fs/promises'
import {cli} from './cli.js'
import {folderOfTest} from './temporary-folder.js'

/** A folder for an embedded server of a test's own; the server is stopped afterwards. */
export async function withServerHome(
  use: (env: {CRUDDUR_DB_HOME: string}, home: string) => Promise<void>,
): Promise<void> {
  const home = folderOfTest()
  // As root the server runs under another account, which has to reach its data.
  await chmod(home, 0o755)
  const env = {CRUDDUR_DB_HOME: home}
  try {
    await use(env, home)
  } finally {
    await cli(['server:stop'], {env})
  }
}
