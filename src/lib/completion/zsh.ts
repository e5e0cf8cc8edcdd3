import type {CommandHelp, FlagHelp} from '../cli/surface.js'
import {
  flagsOf,
  label,
  programFlags,
  quoteForShell,
  targetsFunction,
  type Values,
  valuesOfArgument,
  valuesOfFlag,
} from './values.js'

/** Writes the script for zsh: for `eval`, or as a file `_cruddur-db` in a folder of `fpath`. */
export function zshScript(commands: CommandHelp[]): string {
  const list = commands.map(({id, summary}) => `    ${quoteForShell(`${id.replaceAll(':', '\\:')}:${label(summary)}`)}`)
  return `#compdef cruddur-db
# zsh completion for cruddur-db: eval "$(cruddur-db completion zsh)"
_cruddur_db_list_targets() (
${targetsFunction}
)

_cruddur_db_targets() {
  local -a names
  names=(\${(f)"$(_cruddur_db_list_targets)"})
  _describe -t targets target names
}

_cruddur_db_commands() {
  local -a commands
  commands=(
${list.join('\n')}
    'help:Show help'
  )
  _describe -t commands command commands
}

_cruddur_db_arguments() {
  case $words[1] in
${commands.map(commandCase).join('\n')}
  esac
}

_cruddur_db_program() {
  _arguments ${programFlags.map((flag) => quoteForShell(flagSpec(flag))).join(' ')}
}
${engine}`
}

const engine = String.raw`
_cruddur_db() {
  local curcontext=$curcontext
  if [[ $words[2] == (help|--json) ]] && ((CURRENT > 2)); then
    shift words
    ((CURRENT--))
  fi
  if ((CURRENT == 2)); then
    if [[ $words[2] == -* ]]; then _cruddur_db_program; else _cruddur_db_commands; fi
    return
  fi
  shift words
  ((CURRENT--))
  curcontext="${'$'}{curcontext%:*:*}:cruddur-db-$words[1]:"
  _cruddur_db_arguments
}

whence compdef > /dev/null || { autoload -Uz compinit && compinit }
if [[ $funcstack[1] == (_cruddur_db|_cruddur-db) ]]; then
  _cruddur_db "$@"
else
  compdef _cruddur_db cruddur-db
fi
`

function commandCase(command: CommandHelp): string {
  const args = command.args.map((argument, index) => {
    const {name, required} = argument
    return `${index + 1}${required ? ':' : '::'}${name}:${action(valuesOfArgument(argument))}`
  })
  const specs = [...flagsOf(command).map(flagSpec), ...args]
  return `    ${command.id})
      _arguments -S ${specs.map((spec) => `\\\n        ${quoteForShell(spec)}`).join(' ')}
      ;;`
}

function flagSpec(flag: FlagHelp): string {
  const values = valuesOfFlag(flag)
  const text = label(flag.description).replace(/[\\[\]]/g, '\\$&')
  const several = flag.multiple ? '*' : ''
  if (values === undefined) return `--${flag.name}[${text}]`
  return `${several}--${flag.name}=[${text}]:${flag.name}:${action(values)}`
}

function action(values: Values): string {
  if (values === 'targets') return '_cruddur_db_targets'
  if (values === 'files') return '_files'
  // A single space offers nothing, but shows the message.
  return values === 'anything' ? ' ' : `(${values.map((value) => value.replace(/[^\w.+-]/g, '\\$&')).join(' ')})`
}
