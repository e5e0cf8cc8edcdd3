import {stripVTControlCharacters} from 'node:util'

/** A flag of a command, as far as oclif validates it. */
interface CheckedFlag {
  required?: boolean
  exclusive?: readonly unknown[]
  dependsOn?: readonly unknown[]
}

/** What oclif had parsed when it complained; absent from complaints about a single value. */
interface ParsedLine {
  input: {flags: Record<string, CheckedFlag>}
  output: {flags: Record<string, unknown>; metadata?: {flags?: Record<string, {setFromDefault?: boolean}>}}
}

/** Words such as oclif reads: an argument that is required and was not given. */
interface RequiredArgument {
  name: string
  options?: readonly string[]
}

/** Complaints of oclif that carry their facts in their text alone. */
const byText: readonly [RegExp, (...facts: string[]) => string][] = [
  [/^Flag (--\S+) expects a value$/, (flag) => `${flag} needs a value.`],
  [/^Flag (--\S+) expects one of these values: (.+)$/, (flag, options) => `${flag} needs a value, one of: ${options}.`],
  [/^Flag (--\S+) can only be specified once$/, (flag) => `${flag} can be given only once.`],
  [/^Expected (--[^=\s]+)=(.*) to be one of: (.+)$/, (flag, given, options) => `${flag} cannot be "${given}". It is one of: ${options}.`],
  [/^Expected (.*) to be one of: (.+)$/, (given, options) => `"${given}" is not one of: ${options}.`],
  [/^Parsing (--\S+)\s+Expected an integer but received: (.*)$/, (flag, given) => `${flag} takes a whole number, not "${given}".`],
  [/^Parsing (--\S+)\s+Expected an integer greater than or equal to (\S+) but received: (.*)$/, (flag, min, given) => `${flag} is at least ${min}, not ${given}.`],
  [/^Parsing (--\S+)\s+Expected an integer less than or equal to (\S+) but received: (.*)$/, (flag, max, given) => `${flag} is at most ${max}, not ${given}.`],
]

/** Flags that the command does not have. */
export function unknownFlags(flags: readonly string[]): string {
  return `Unknown flag${flags.length === 1 ? '' : 's'} ${flags.join(', ')}.`
}

/** Arguments beyond those that the command takes. */
export function unexpectedArguments(words: readonly string[]): string {
  return `Unexpected argument${words.length === 1 ? '' : 's'} ${words.map((word) => `"${word}"`).join(', ')}.`
}

/**
 * What oclif complains of, in the words of this program: the one place where its sentences are replaced. It tells the
 * complaints apart by what they carry, since a bundle has no class names to go by, and by their text where that is all.
 */
export function usageWords(error: Error): string {
  const {flags, args, parse} = error as {flags?: unknown; args?: unknown; parse?: Partial<ParsedLine>}
  if (isTexts(flags)) return unknownFlags(flags)
  if (isTexts(args)) return unexpectedArguments(args)
  if (Array.isArray(args)) return missingArguments(args as RequiredArgument[])
  const violations = parse?.input === undefined || parse.output === undefined ? [] : violationsOf(parse as ParsedLine)
  if (violations.length > 0) return violations.join(' ')
  const [text = ''] = stripVTControlCharacters(error.message).split('\nSee more help')
  for (const [pattern, sentence] of byText) {
    const found = pattern.exec(text)
    if (found !== null) return sentence(...found.slice(1))
  }

  // One sentence: a list of complaints has a line for each.
  return text.trim().replace(/:\s*\n\s*/g, ': ').replace(/\s*\n\s*/g, ', ').replace(/ {2,}/g, ' ')
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')
}

function missingArguments(args: readonly RequiredArgument[]): string {
  const wanted = args.map(({name, options}) => `${name.toUpperCase()}${options === undefined ? '' : ` (${options.join(', ')})`}`)
  return `Missing argument${args.length === 1 ? '' : 's'}: ${wanted.join(', ')}.`
}

/** Which rules among flags the line breaks: each pair once, though both flags may exclude each other. */
function violationsOf({input, output}: ParsedLine): string[] {
  const isGiven = (name: unknown): name is string =>
    typeof name === 'string' && output.flags[name] !== undefined && output.metadata?.flags?.[name]?.setFromDefault !== true
  const missing = Object.entries(input.flags).filter(([name, flag]) => flag.required === true && output.flags[name] === undefined)
  const sentences = missing.length === 0 ? [] : [`Missing ${missing.map(([name]) => `--${name}`).join(', ')}.`]
  const pairs = new Set<string>()
  for (const [name, {exclusive = [], dependsOn = []}] of Object.entries(input.flags)) {
    if (!isGiven(name)) continue
    for (const other of exclusive.filter(isGiven)) {
      const pair = [name, other].sort().join(' ')
      if (!pairs.has(pair)) sentences.push(`--${other} cannot be used with --${name}.`)
      pairs.add(pair)
    }

    const absent = dependsOn.filter((other) => output.flags[String(other)] === undefined)
    if (absent.length > 0) sentences.push(`--${name} needs ${absent.map((other) => `--${String(other)}`).join(' and ')}.`)
  }

  return sentences
}
