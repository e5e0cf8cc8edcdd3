import {commands} from './commands/index.js'
import {start} from './lib/start/start.js'

export {commands}

/** The program: runs the command that the arguments name; returns whether there is one, or help or the version. */
export function run(argv: readonly string[]): boolean {
  return start(argv, commands)
}
