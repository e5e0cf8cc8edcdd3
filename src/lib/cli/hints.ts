import {basename, dirname} from 'node:path'
import {localName} from '../targets/local-name.js'

/** How each package manager runs a program of the project, by its name in `npm_config_user_agent`. */
const runners: Readonly<Record<string, string>> = {npm: 'npx', pnpm: 'pnpm', yarn: 'yarn', bun: 'bunx'}

/** Matches a command that takes a target, in advice that does not name one. */
const withoutTarget =
  /\bcruddur-db (connect|create|doctor|drop|protect|schema:load|seed|sessions|sessions:kill|setup|undo|wait)(?= -|[.,)]|$| &&)/g
/** Matches the program's name, but not a file name and not a part of a URL. */
const program = /(?<![\w/.@-])cruddur-db (?=[a-z-])/g

/**
 * How the user runs this program, so that advice can be copied: by its name if it is installed globally, otherwise
 * through the package manager that started it.
 */
export function invocation(env: NodeJS.ProcessEnv, script: string): string {
  const installed = basename(script) === 'cruddur-db'
  const inProject = basename(dirname(script)) === '.bin'
  if (installed && !inProject) return 'cruddur-db'
  const manager = env['npm_config_user_agent']?.split('/')[0] ?? (inProject ? 'npm' : '')
  const runner = runners[manager]
  return runner === undefined ? 'cruddur-db' : `${runner} cruddur-db`
}

/** Completes advice so that it can be copied: the program as it was started, and the target if it is not `local`. */
export function typeable(advice: string, target?: string): string {
  const named = target === undefined || target === localName ? advice : advice.replaceAll(withoutTarget, `$& ${target}`)
  return named.replaceAll(program, `${invocation(process.env, process.argv[1] ?? '')} `)
}

/** Writes one of our commands for a target: `undo --discard` becomes `npx cruddur-db undo prod --discard`. */
export function hint(command: string, target?: string): string {
  return typeable(`cruddur-db ${command}`, target)
}
