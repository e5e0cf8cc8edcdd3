import type {ListedCommand, ListedFlag} from './manifest.js'

export {groupCommands} from './groups.js'

export interface ArgumentHelp {
  name: string
  description: string
  required: boolean
  /** The allowed values; empty if any value is allowed. */
  options: string[]
}

export interface FlagHelp {
  /** Without the dashes. */
  name: string
  /** The placeholder for its value in a usage line; null for a flag without a value. */
  value: string | null
  description: string
  required: boolean
  /** Whether the flag can be given several times. */
  multiple: boolean
  /** The allowed values; empty if any value is allowed. */
  options: string[]
}

/** A command, as help, the reference, the man page and completion show it. */
export interface CommandHelp {
  id: string
  /** The id and its arguments: `create [target]`. */
  usage: string
  summary: string
  description: string
  args: ArgumentHelp[]
  flags: FlagHelp[]
  examples: string[]
}

/** Describes all commands that are not hidden, sorted by id. */
export function describeCommands(commands: Iterable<ListedCommand>): CommandHelp[] {
  return [...commands]
    .filter(({hidden}) => !hidden)
    .map(describeCommand)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

function describeCommand({
  id,
  usage,
  summary = '',
  description = '',
  args,
  flags,
  examples = [],
}: ListedCommand): CommandHelp {
  const fill = (text: string): string =>
    text.replaceAll('<%= config.bin %>', 'cruddur-db').replaceAll('<%= command.id %>', id)
  const argsHelp = Object.values(args).map(({name, description: what = '', required = false, options = []}) => ({
    name,
    description: what,
    required,
    options: [...options],
  }))
  const named = argsHelp.map(({name, required}) => (required ? ` ${name}` : ` [${name}]`)).join('')
  return {
    id,
    usage: typeof usage === 'string' ? fill(usage).toLowerCase() : id + named,
    ...{summary, description},
    args: argsHelp,
    flags: Object.values(flags)
      .filter(({hidden}) => !hidden)
      .map(flagHelp),
    examples: examples.map((example) => fill(typeof example === 'string' ? example : example.command)),
  }
}

function flagHelp(flag: ListedFlag): FlagHelp {
  const {name, description = '', required = false} = flag
  if (flag.type === 'boolean') return {name, value: null, description, required, multiple: false, options: []}
  const {helpValue = `<${name}>`, multiple = false, options = []} = flag
  return {name, value: String(helpValue), description, required, multiple, options: [...options]}
}
