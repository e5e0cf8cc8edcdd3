import type {CommandHelp} from '../cli/surface.js'
import {flagsOf, listTargets, programFlags, quote, type Values, valuesOfArgument, valuesOfFlag} from './values.js'

/** The script for bash, from 3.2 on, which macOS has. */
export function bashScript(commands: CommandHelp[]): string {
  const flags = commands.map((command) => `    ${command.id}) list=${listed(dashed(flagsOf(command)))} ;;`)
  return `# bash completion for cruddur-db: eval "$(cruddur-db completion bash)"
_cruddur_db_targets() (
${listTargets}
)

# What stands after a flag, or in a place of a command: in list, or in kind. Fails for a flag without a value.
_cruddur_db_values() {
  list='' kind=''
  case $1 in
${cases(commands).join('\n')}
    *) return 1 ;;
  esac
}

# What stands in place of a flag, or without a command in place of one.
_cruddur_db_words() {
  case $1 in
${flags.join('\n')}
    -) list=${listed(dashed(programFlags))} ;;
    *) list=${listed([...commands.map(({id}) => id), 'help'])} ;;
  esac
}
${engine}`
}

/**
 * A colon and an equals sign break words in bash (COMP_WORDBREAKS), and an answer replaces what stands after the last
 * break. So the line is split anew, and what stands before that break is taken off each answer.
 */
const engine = String.raw`
_cruddur_db() {
  local line=${'$'}{COMP_LINE:0:COMP_POINT} id='' flag='' place=0 list='' kind='' prefix='' broken='' word i last cur
  local -a words
  COMPREPLY=()
  # Without -r: a space behind a backslash parts no words.
  IFS=$' \t\n' read -a words <<< "$line"
  [[ $line == *[[:blank:]] && $line != *\\[[:blank:]] ]] && words+=('')
  last=$((${'$'}{#words[@]} - 1))
  cur=${'$'}{words[last]}
  for ((i = 1; i < last; i++)); do
    word=${'$'}{words[i]}
    if [[ -n $flag ]]; then flag=''
    elif [[ $word == -- ]]; then return
    elif [[ $word == -*=* ]]; then continue
    elif [[ $word == -* ]]; then _cruddur_db_values "$id $word" && flag=$word
    elif [[ -n $id ]]; then place=$((place + 1))
    elif [[ $word != help ]]; then id=$word
    fi
  done
  if [[ -z $flag && $cur == --*=* ]]; then
    flag=${'$'}{cur%%=*} prefix=${'$'}{cur%%=*}=
  fi
  list='' kind=''
  if [[ -n $flag ]]; then _cruddur_db_values "$id $flag"
  elif [[ $cur == -* ]]; then _cruddur_db_words "${'$'}{id:--}"
  elif [[ -z $id ]]; then _cruddur_db_words ''
  else _cruddur_db_values "$id $place"
  fi
  [[ $kind == targets ]] && list=$(_cruddur_db_targets)
  if [[ $kind == files ]]; then
    type compopt > /dev/null 2>&1 && compopt -o filenames
    list=$(compgen -f -- "${'$'}{cur#"$prefix"}")
  fi
  for word in : =; do
    [[ $COMP_WORDBREAKS == *$word* && $cur == *$word* ]] || continue
    word=${'$'}{cur%"${'$'}{cur##*$word}"}
    ((${'$'}{#word} > ${'$'}{#broken})) && broken=$word
  done
  local IFS=$'|\n'
  [[ $kind == files ]] && IFS=$'\n'
  for word in $list; do
    [[ $prefix$word == "$cur"* ]] || continue
    word=$prefix$word
    word=${'$'}{word#"$broken"}
    # Names of files bash quotes itself.
    [[ $kind == files ]] || printf -v word %q "$word"
    COMPREPLY+=("$word")
  done
}
complete -F _cruddur_db cruddur-db
`

/** What stands after `id --flag` or in the place `id 0`; those with the same answer share a line. */
function cases(commands: CommandHelp[]): string[] {
  const patterns = new Map<string, string[]>()
  const add = (pattern: string, values: Values | undefined): void => {
    if (values === undefined) return
    const answer = typeof values === 'string' ? `kind=${values}` : `list=${listed(values)}`
    patterns.set(answer, [...(patterns.get(answer) ?? []), quote(pattern)])
  }
  for (const {id, args, flags} of commands) {
    for (const flag of flags) add(`${id} --${flag.name}`, valuesOfFlag(flag))
    for (const [index, argument] of args.entries()) add(`${id} ${index}`, valuesOfArgument(argument))
  }

  return [...patterns].map(([answer, of]) => `    ${of.join(' | ')}) ${answer} ;;`)
}

const dashed = (flags: {name: string}[]): string[] => flags.map(({name}) => `--${name}`)

/** Values may have spaces in them, and have no bars. */
const listed = (values: readonly string[]): string => quote(values.join('|'))
