import {basename, dirname} from 'node:path'
import {localName} from '../targets/local-name.js'

/** How each package manager runs the program of a project's own, by the name in `npm_config_user_agent`. */
const runners: Readonly<Record<string, string>> = {npm: 'npx', pnpm: 'pnpm', yarn: 'yarn', bun: 'bunx'}

/** Commands that take a target, where advice leaves it out: nothing or a flag follows. */
const withoutTarget =
  /\bcruddur-db (connect|create|doctor|drop|protect|schema:load|seed|sessions|sessions:kill|setup|undo|wait)(?= -|[.,)]|$| &&)/g
/** Not a file's name, and not within a URL. */
const program = /(?<![\w/.@-])cruddur-db (?=[a-z-])/g

/**
 * How the user calls this program, so that advice can be typed as it stands: by its name where it is installed for all
 * projects, else through the package manager that has started it (npm, also for `npm run`, pnpm, yarn, bun).
 */
export function invocation(env: NodeJS.ProcessEnv, script: string): string {
  const installed = basename(script) === 'cruddur-db'
  const inProject = basename(dirname(script)) === '.bin'
  if (installed && !inProject) return 'cruddur-db'
  const manager = env['npm_config_user_agent']?.split('/')[0] ?? (inProject ? 'npm' : '')
  const runner = runners[manager]
  return runner === undefined ? 'cruddur-db' : `${runner} cruddur-db`
}

/** Advice as it can be typed here: the program as it was started, and the target, unless it is `local` or the advice has one. */
export function typeable(advice: string, target?: string): string {
  const named = target === undefined || target === localName ? advice : advice.replaceAll(withoutTarget, `$& ${target}`)
  return named.replaceAll(program, `${invocation(process.env, process.argv[1] ?? '')} `)
}

/** The command line of one of our commands, for that target: `undo --discard` becomes `npx cruddur-db undo prod --discard`. */
export function hint(command: string, target?: string): string {
  return typeable(`cruddur-db ${command}`, target)
}
