import {readSurroundings, type Surroundings} from '../access/open-target.js'
import {workingFolder} from '../targets/account.js'

let known: Surroundings | undefined

/** The environment, folder and variables of this process; `.env` files are read once. */
export function surroundings(): Surroundings {
  return (known ??= readSurroundings(process.env, workingFolder()))
}
