import {readSurroundings, type Surroundings} from '../access/open-target.js'
import {workingFolder} from '../targets/account.js'

let knownSurroundings: Surroundings | undefined

/** The environment, folder and variables of this process; `.env` files are read once. */
export function surroundings(): Surroundings {
  return (knownSurroundings ??= readSurroundings(process.env, workingFolder()))
}
