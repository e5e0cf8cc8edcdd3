import {basename, dirname} from 'node:path'
import {localName} from '../targets/local-name.js'

/** How each package manager runs a program of the project, by its name in `npm_config_user_agent`. */
const runners: Readonly<Record<string, string>> = {npm: 'npx', pnpm: 'pnpm', yarn: 'yarn', bun: 'bunx'}

/**
 * How the user runs this program, so that advice can be copied: by its name if it is installed globally, otherwise
 * through the package manager that started it.
 */
function invocation(env: NodeJS.ProcessEnv, script: string): string {
  const installed = basename(script) === 'cruddur-db'
  const inProject = basename(dirname(script)) === '.bin'
  if (installed && !inProject) return 'cruddur-db'
  const manager = env['npm_config_user_agent']?.split('/')[0] ?? (inProject ? 'npm' : '')
  const runner = runners[manager]
  return runner === undefined ? 'cruddur-db' : `${runner} cruddur-db`
}

/**
 * Writes one of our commands as the user would type it. `target` is for commands that take one: `undo --discard` becomes
 * `npx cruddur-db undo prod --discard`. The default target is not named.
 */
export function hint(command: string, target?: string): string {
  const named =
    target === undefined || target === localName ? command : command.replace(/^\S+/, (id) => `${id} ${target}`)
  return `${invocation(process.env, process.argv[1] ?? '')} ${named}`
}
