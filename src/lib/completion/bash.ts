import type {CommandHelp} from '../cli/surface.js'
import {
  flagsOf,
  programFlags,
  quoteForShell,
  targetsFunction,
  type Values,
  valuesOfArgument,
  valuesOfFlag,
} from './values.js'

/** Writes the script for bash 3.2 and later, since macOS has 3.2. */
export function bashScript(commands: CommandHelp[]): string {
  const flags = commands.map((command) => `    ${command.id}) list=${listed(dashed(flagsOf(command)))} ;;`)
  return `# bash completion for cruddur-db: eval "$(cruddur-db completion bash)"
_cruddur_db_targets() (
${targetsFunction}
)

# The values of a flag or an argument: sets list or kind. Fails for a flag without a value.
_cruddur_db_values() {
  list='' kind=''
  case $1 in
${cases(commands).join('\n')}
    *) return 1 ;;
  esac
}

# The flags of a command; without a command, the commands.
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
 * In bash, ":" and "=" split words (COMP_WORDBREAKS), and an answer replaces only the text after the last split. So the
 * script splits the line itself, and removes the text before that split from each answer.
 */
const engine = String.raw`
_cruddur_db() {
  local line=${'$'}{COMP_LINE:0:COMP_POINT} id='' flag='' place=0 list='' kind='' prefix='' broken='' word i last cur
  local -a words
  COMPREPLY=()
  # Without -r, because a space after a backslash does not split words.
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
    # bash quotes file names itself.
    [[ $kind == files ]] || printf -v word %q "$word"
    COMPREPLY+=("$word")
  done
}
complete -F _cruddur_db cruddur-db
`

/** The case lines for `id --flag` and for the argument `id 0`; equal answers share a line. */
function cases(commands: CommandHelp[]): string[] {
  const patterns = new Map<string, string[]>()
  const add = (pattern: string, values: Values | undefined): void => {
    if (values === undefined) return
    const answer = typeof values === 'string' ? `kind=${values}` : `list=${listed(values)}`
    patterns.set(answer, [...(patterns.get(answer) ?? []), quoteForShell(pattern)])
  }
  for (const {id, args, flags} of commands) {
    for (const flag of flags) add(`${id} --${flag.name}`, valuesOfFlag(flag))
    for (const [index, argument] of args.entries()) add(`${id} ${index}`, valuesOfArgument(argument))
  }

  return [...patterns].map(([answer, of]) => `    ${of.join(' | ')}) ${answer} ;;`)
}

const dashed = (flags: {name: string}[]): string[] => flags.map(({name}) => `--${name}`)

/** Values are separated by "|", because a value may contain a space but no vertical bar. */
const listed = (values: readonly string[]): string => quoteForShell(values.join('|'))
