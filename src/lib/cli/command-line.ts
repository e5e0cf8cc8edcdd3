import {UsageError} from '../errors.js'
import type {ListedCommand, Manifest} from './manifest.js'
import {insteadOf} from './suggestions.js'

/** What a command line asks for. */
export type Request =
  | {kind: 'version'}
  /** Of the program where there is no `id`, else of a command or a topic. */
  | {kind: 'help'; id?: string}
  | {kind: 'command'; id: string; argv: string[]}

const helpFlags = ['--help', '-h']
/** No command takes -v or -V for anything else. */
const versionWords = ['--version', '-v', '-V', 'version']

/**
 * Reads what a command line asks for: `schema load` is `schema:load`, and `help schema:load` its help. oclif would answer
 * an unknown command by running its guess, or by printing help and exiting with 0.
 * @throws UsageError (`command_unknown`, `command_incomplete`, `usage`) with what may have been meant
 */
export function readCommandLine(argv: readonly string[], manifest: Manifest): Request {
  const {commands} = manifest
  const [first, ...rest] = argv
  // oclif takes what stands after the sign for the next argument, a target's name say.
  if (beforeDashes(argv).some((word) => word.startsWith('--json='))) {
    throw new UsageError('--json takes no value.', {code: 'usage', next: ['cruddur-db --help']})
  }

  if (first === '--json') {
    const request = readCommandLine(rest, manifest)
    return request.kind === 'command' ? {...request, argv: ['--json', ...request.argv]} : request
  }

  if (first !== undefined && versionWords.includes(first)) return {kind: 'version'}
  const asked = asksForHelp(rest)
  if (first === undefined || helpFlags.includes(first) || (first.startsWith('-') && asked)) return {kind: 'help'}
  if (first === 'help') return rest.length === 0 ? {kind: 'help'} : readCommandLine([...rest, '--help'], manifest)
  // `sessions kill` before `sessions`, whose target would be called kill.
  const joined = `${first}:${rest[0] ?? ''}`
  if (commands.has(joined))
    return asked ? {kind: 'help', id: joined} : {kind: 'command', id: joined, argv: rest.slice(1)}
  if (commands.has(first)) return asked ? {kind: 'help', id: first} : {kind: 'command', id: first, argv: rest}
  const ids = [...commands.keys()]
  const inTopic = ids.filter((id) => id.startsWith(`${first}:`))
  if (inTopic.length === 0) throw unknown(first, ids)
  if (asked) return {kind: 'help', id: first}
  throw new UsageError(`"${first}" needs to be followed by what to do.`, {
    code: 'command_incomplete',
    next: inTopic.map((id) => `cruddur-db ${id}`),
  })
}

function asksForHelp(argv: string[]): boolean {
  return beforeDashes(argv).some((word) => helpFlags.includes(word))
}

/** Whether a JSON document is asked for, if by a `--json` that is given a value. */
export function asksForJson(argv: readonly string[]): boolean {
  return beforeDashes(argv).some((word) => /^--json(=|$)/.test(word))
}

/** The arguments that are the program's: what stands after `--` is for another. */
function beforeDashes(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return argv.slice(0, end === -1 ? undefined : end)
}

function unknown(word: string, ids: string[]): UsageError {
  return new UsageError(`There is no command "${word}".`, {code: 'command_unknown', next: [insteadOf(word, ids)]})
}

/** The arguments of a line that has nothing else but switches; undefined where only oclif can tell. */
export function plainArguments(argv: readonly string[], {flags}: ListedCommand): string[] | undefined {
  const switches = Object.values(flags)
    .filter(({type}) => type === 'boolean')
    .map(({name}) => `--${name}`)
  const words = argv.filter((word) => !switches.includes(word))
  return words.some((word) => word.startsWith('-')) ? undefined : words
}

/**
 * What oclif would say of flags that do not exist, or of arguments too many; undefined where all is right, and where
 * only oclif can tell: a flag's value may be wrong too, and that it says first.
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
    // A letter may be followed by others, or by its value.
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
  // oclif names the same word twice in a row, wherever it stood.
  const words = argv.filter((word) => !isFlag(word)).sort((a, b) => argv.indexOf(a) - argv.indexOf(b))
  const tooMany = strict ? words.slice(Object.keys(args).length) : []
  if (tooMany.length > 0) return `Unexpected argument${tooMany.length === 1 ? '' : 's'}: ${tooMany.join(', ')}`
  return undefined
}
