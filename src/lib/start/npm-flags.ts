import type {Request} from '../cli/command-line.js'
import type {ListedCommand} from '../cli/manifest.js'
import {UsageError} from '../errors.js'

/**
 * `npm run db:drop --force` is npm's own --force: the command would run without it. npm tells its scripts of each such
 * flag in a variable (https://docs.npmjs.com/cli/using-npm/config#environment-variables), an empty one for `--no-…`.
 * @throws UsageError (`flags_taken_by_npm`) where npm was given flags that the command has, and the command was not
 */
export function refuseFlagsOfNpm(
  {id, argv}: Request & {kind: 'command'},
  {flags}: Pick<ListedCommand, 'flags'>,
  env: NodeJS.ProcessEnv,
): void {
  const {npm_command: command = '', npm_lifecycle_event: script = '', npm_lifecycle_script: text = ''} = env
  // npm would have passed them to the last command of a script.
  const last = text.split(/&&|[;|]/).at(-1) ?? ''
  if (!['run', 'run-script'].includes(command) || !new RegExp(`\\b${id}\\b`).test(last)) return
  const taken = Object.values(flags)
    .map(({name}) => ({
      flag: `--${name}`,
      value: env[`npm_config_${name.replace(/^no-/, '').replaceAll('-', '_')}`],
      off: name.startsWith('no-'),
    }))
    .filter(({flag, value, off}) => (off ? value === '' : value !== undefined && value !== '') && !argv.includes(flag))
    .map(({flag}) => flag)
  if (taken.length === 0) return
  throw new UsageError(`npm took ${taken.join(' and ')} for itself. Nothing was done.`, {
    code: 'flags_taken_by_npm',
    next: [`Put -- before the flags: npm run ${script} -- ${taken.join(' ')}`],
  })
}
