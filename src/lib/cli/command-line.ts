import {UsageError} from '../errors.js'
import {hint} from './hints.js'
import type {ListedCommand, Manifest} from './manifest.js'
import {insteadOf} from './suggestions.js'

/** What the user asks for: the version, help, or a command. */
export type Request =
  | {kind: 'version'}
  /** Help for the command or topic `id`, or for the whole program if there is no `id`. */
  | {kind: 'help'; id?: string}
  | {kind: 'command'; id: string; argv: string[]}

const helpFlags = ['--help', '-h']
/** No command uses -v or -V for anything else. */
const versionWords = ['--version', '-v', '-V', 'version']

/**
 * Parses a command line; `schema load` means `schema:load`. This is not left to oclif, which runs its best guess for an
 * unknown command, or prints help and exits with 0.
 * @throws UsageError (`command_unknown`, `command_incomplete`, `usage`) with a suggestion
 */
export function readCommandLine(argv: readonly string[], manifest: Manifest): Request {
  const {commands} = manifest
  const [first, ...rest] = argv
  // oclif would read the text after "=" as the next argument, for example as a target name.
  if (beforeDashes(argv).some((word) => word.startsWith('--json='))) {
    throw new UsageError('--json takes no value.', {code: 'usage', next: [hint('--help')]})
  }

  if (first === '--json') {
    const request = readCommandLine(rest, manifest)
    return request.kind === 'command' ? {...request, argv: ['--json', ...request.argv]} : request
  }

  if (first !== undefined && versionWords.includes(first)) return {kind: 'version'}
  const asked = asksForHelp(rest)
  if (first === undefined || helpFlags.includes(first) || (first.startsWith('-') && asked)) return {kind: 'help'}
  if (first === 'help') return rest.length === 0 ? {kind: 'help'} : readCommandLine([...rest, '--help'], manifest)
  // `sessions kill` must be tried before `sessions`, which would read "kill" as its target.
  const joined = `${first}:${rest[0] ?? ''}`
  if (commands.has(joined))
    return asked ? {kind: 'help', id: joined} : {kind: 'command', id: joined, argv: rest.slice(1)}
  if (commands.has(first)) return asked ? {kind: 'help', id: first} : {kind: 'command', id: first, argv: rest}
  const ids = [...commands.keys()]
  const inTopic = ids.filter((id) => id.startsWith(`${first}:`))
  if (inTopic.length === 0) throw unknown(first, ids)
  if (asked) return {kind: 'help', id: first}
  throw new UsageError(`"${first}" is not a complete command.`, {
    code: 'command_incomplete',
    next: inTopic.map((id) => hint(id)),
  })
}

function asksForHelp(argv: string[]): boolean {
  return beforeDashes(argv).some((word) => helpFlags.includes(word))
}

/** Whether JSON is requested. `--json=…` counts too, so that its error is reported as JSON. */
export function asksForJson(argv: readonly string[]): boolean {
  return beforeDashes(argv).some((word) => /^--json(=|$)/.test(word))
}

/** The arguments before `--`; those after it are for psql. */
function beforeDashes(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return argv.slice(0, end === -1 ? undefined : end)
}

function unknown(word: string, ids: string[]): UsageError {
  return new UsageError(`Unknown command "${word}".`, {code: 'command_unknown', next: [insteadOf(word, ids)]})
}

/** The positional arguments, if all flags are boolean; undefined if only oclif can tell flags from their values. */
export function plainArguments(argv: readonly string[], {flags}: ListedCommand): string[] | undefined {
  const switches = Object.values(flags)
    .filter(({type}) => type === 'boolean')
    .map(({name}) => `--${name}`)
  const words = argv.filter((word) => !switches.includes(word))
  return words.some((word) => word.startsWith('-')) ? undefined : words
}

/**
 * Finds unknown flags and surplus arguments, worded as oclif words them. Returns undefined if there are none, or if only
 * oclif can tell, because it reports a wrong flag value first.
 */
export function validationErrorOf(
  argv: readonly string[],
  {args, flags, strict = true}: ListedCommand,
): string | undefined {
  if (argv.includes('--')) return undefined
  const switches = new Set<string>()
  const others = new Set<string>()
  for (const {name, type, char, allowNo, aliases = [], charAliases = []} of Object.values(flags)) {
    const names = [`--${name}`, ...(allowNo ? [`--no-${name}`] : []), ...aliases.map((alias) => `--${alias}`)]
    const chars = [...(char === undefined ? [] : [char]), ...charAliases].map((letter) => `-${letter}`)
    for (const word of names) (type === 'boolean' ? switches : others).add(word)
    // Other letters or a value may follow a one-letter flag.
    for (const word of chars) others.add(word)
  }

  const isFlag = (word: string): boolean => word.startsWith('-') && word !== '-' && !/^-\d/.test(word)
  const uncertain = (word: string): boolean =>
    isFlag(word) &&
    !switches.has(word) &&
    [...others, ...switches].some((flag) => word === flag || word.startsWith(flag.length === 2 ? flag : `${flag}=`))
  if (argv.some(uncertain)) return undefined
  const unknownFlags = argv.filter((word) => isFlag(word) && !switches.has(word))
  if (unknownFlags.length > 0)
    return `Nonexistent flag${unknownFlags.length === 1 ? '' : 's'}: ${unknownFlags.join(', ')}`
  // oclif lists equal words one after the other, wherever they were on the line.
  const words = argv.filter((word) => !isFlag(word)).sort((a, b) => argv.indexOf(a) - argv.indexOf(b))
  const tooMany = strict ? words.slice(Object.keys(args).length) : []
  if (tooMany.length > 0) return `Unexpected argument${tooMany.length === 1 ? '' : 's'}: ${tooMany.join(', ')}`
  return undefined
}
