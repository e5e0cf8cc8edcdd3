import {chmodSync, mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** How the names of the tests' own folders begin: they may be left over where their tests are left out. */
export const prefixOfTests = 'test-'

/**
 * Gives the run a temporary folder of its own, which the tests and the programs they spawn find in TMPDIR. What anything
 * has left in it at the end is an error: it would have been left on a user's machine.
 */
export default function runFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-tests-'))
  // As root, servers run under another account, which has to reach their data in it.
  chmodSync(folder, 0o755)
  process.env['TMPDIR'] = folder
  return () => {
    // Node's own, which tsc and npm ask for and which stays on purpose.
    const left = readdirSync(folder).filter((name) => name !== 'node-compile-cache' && !name.startsWith(prefixOfTests))
    rmSync(folder, {recursive: true, force: true})
    if (left.length > 0) throw new Error(`The tests have left in the temporary folder: ${left.join(', ')}`)
  }
}
