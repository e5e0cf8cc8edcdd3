import type {ArgumentHelp, CommandHelp, FlagHelp} from '../cli/surface.js'

/** The values to complete: target names, files, these words, or anything. */
export type Values = 'targets' | 'files' | 'anything' | readonly string[]

/** The values of a flag; undefined for a flag without a value. */
export function valuesOfFlag({value, options}: FlagHelp): Values | undefined {
  if (value === null) return undefined
  if (options.length > 0) return options
  return value === 'path' ? 'files' : 'anything'
}

export function valuesOfArgument({name, options}: ArgumentHelp): Values {
  if (options.length > 0) return options
  return name === 'target' ? 'targets' : 'anything'
}

const listedFlag = (name: string, description: string): FlagHelp => ({
  name,
  description,
  value: null,
  required: false,
  multiple: false,
  options: [],
})

const help = listedFlag('help', 'Show help.')

/** The flags that work without a command. */
export const programFlags: FlagHelp[] = [
  help,
  listedFlag('version', 'Show the version.'),
  listedFlag('json', 'Format output as json.'),
]

/** The flags of a command, including --help. */
export function flagsOf({flags}: CommandHelp): FlagHelp[] {
  return [...flags, help]
}

/** Quotes text as one word for bash and zsh. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** Removes the full stop, because the shells show descriptions as labels. */
export function label(sentence: string): string {
  return sentence.replace(/\.$/, '')
}

/**
 * POSIX shell commands that list target names, found like in `readVariables`: in the environment, and in the `.env` files
 * up to the repository's root. They print no values. They are used because starting this program would be much slower.
 * `command` bypasses the user's aliases.
 */
export const targetsFunction = String.raw`  root=$PWD
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
