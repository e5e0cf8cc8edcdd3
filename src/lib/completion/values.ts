import type {ArgumentHelp, CommandHelp, FlagHelp} from '../cli/surface.js'

/** What may be typed in a place: a target, a file, one of these words, or anything. */
export type Values = 'targets' | 'files' | 'anything' | readonly string[]

/** What a flag takes; undefined for one without a value. */
export function valuesOfFlag({value, options}: FlagHelp): Values | undefined {
  if (value === null) return undefined
  if (options.length > 0) return options
  return value === 'path' ? 'files' : 'anything'
}

/** What an argument takes. */
export function valuesOfArgument({name, options}: ArgumentHelp): Values {
  if (options.length > 0) return options
  return name === 'target' ? 'targets' : 'anything'
}

const flag = (name: string, description: string): FlagHelp => ({
  name,
  description,
  value: null,
  required: false,
  multiple: false,
  options: [],
})

const help = flag('help', 'Show help.')

/** The flags of the program without a command. */
export const programFlags: FlagHelp[] = [
  help,
  flag('version', 'Show the version.'),
  flag('json', 'Format output as json.'),
]

/** The flags of a command, help among them. */
export function flagsOf({flags}: CommandHelp): FlagHelp[] {
  return [...flags, help]
}

/** Text as one word in single quotes, as bash and zsh read it. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** A sentence as a label has it. */
export function label(sentence: string): string {
  return sentence.replace(/\.$/, '')
}

/**
 * A POSIX shell's commands that print the names of the targets that are set, as `readVariables` finds them: in the
 * environment, and in the `.env` files up to the repository's root. Names only: no value leaves the pipe. Starting the
 * program for it would take many times as long. `command` passes over a user's aliases.
 */
export const listTargets = String.raw`  root=$PWD
  while [ -n "$root" ] && [ ! -e "$root/.git" ]; do root=${'$'}{root%/*}; done
  folder=$PWD
  set -- -
  while :; do
    if [ -f "$folder/.env" ] && [ -r "$folder/.env" ]; then set -- "$@" "$folder/.env"; fi
    if [ -z "$root" ] || [ "$folder" = "$root" ]; then break; fi
    folder=${'$'}{folder%/*}
  done
  echo local
  command env | command sed -n 's/^[[:space:]]*\(export[[:space:]]\{1,\}\)\{0,1\}\([A-Z][A-Z0-9_]*\)_CONNECTION_URL[[:space:]]*=.*/\2/
    t name
    d
    :name
    y/ABCDEFGHIJKLMNOPQRSTUVWXYZ_/abcdefghijklmnopqrstuvwxyz-/
    p' "$@"`
