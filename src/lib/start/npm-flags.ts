import type {Request} from '../cli/command-line.js'
import type {ListedCommand} from '../cli/manifest.js'
import {UsageError} from '../errors.js'

/**
 * Refuses `npm run db:drop --force`, where npm takes --force for itself and the command would run without it. npm sets a
 * variable for each of its flags (https://docs.npmjs.com/cli/using-npm/config#environment-variables), an empty one for
 * `--no-…`.
 * @throws UsageError (`flags_taken_by_npm`) if npm took a flag of the command
 */
export function refuseFlagsOfNpm(
  {id, argv}: Request & {kind: 'command'},
  {flags}: Pick<ListedCommand, 'flags'>,
  env: NodeJS.ProcessEnv,
): void {
  const {npm_command: command = '', npm_lifecycle_event: script = '', npm_lifecycle_script: text = ''} = env
  // npm passes arguments to the last command of a script.
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
  throw new UsageError(`npm took ${taken.join(' and ')} for itself. Nothing was changed.`, {
    code: 'flags_taken_by_npm',
    next: [`Put -- before the flags: npm run ${script} -- ${taken.join(' ')}`],
  })
}
