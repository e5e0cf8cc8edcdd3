import {chmodSync, mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/**
 * Creates a temporary folder for the run and sets TMPDIR to it for the tests and the programs they start. A file left in
 * it at the end is an error, because it would also stay on a user's machine.
 */
export default function temporaryFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-tests-'))
  // For root, servers run under another account, which must be able to read their data.
  chmodSync(folder, 0o755)
  process.env['TMPDIR'] = folder
  return () => {
    // The compile cache of Node, which tsc and npm turn on and which is meant to stay.
    const left = readdirSync(folder).filter((name) => name !== 'node-compile-cache')
    rmSync(folder, {recursive: true, force: true})
    if (left.length > 0)
      throw new Error(`The tests did not remove these files from the temporary folder: ${left.join(', ')}`)
  }
}
