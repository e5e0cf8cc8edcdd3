import type {CommandHelp} from '../cli/surface.js'
import {flagsOf, label, programFlags, targetsFunction, type Values, valuesOfArgument, valuesOfFlag} from './values.js'

/** Writes the script for fish 3.0 and later. */
export function fishScript(commands: CommandHelp[]): string {
  return `# fish completion for cruddur-db: cruddur-db completion fish | source
function __cruddur_db_targets
  sh -c ${quoteFish(targetsFunction)}
end

# The command on the line; fails if there is none.
function __cruddur_db_command
  for word in (commandline -opc)[2..-1]
    switch $word
      case '-*' help
        continue
    end
    echo $word
    return 0
  end
  return 1
end

function __cruddur_db_none
  not __cruddur_db_command > /dev/null
end

function __cruddur_db_on
  contains -- $argv[1] (__cruddur_db_command); and not contains -- -- (commandline -opc)
end

complete -c cruddur-db -e
complete -c cruddur-db -f
${programFlags.map((flag) => `${withoutCommand} -l ${flag.name} -d ${quoteFish(label(flag.description))}`).join('\n')}
${withoutCommand} -a help -d 'Show help'
${commands.flatMap(fishLines).join('\n')}
`
}

const withoutCommand = 'complete -c cruddur-db -n __cruddur_db_none'

function fishLines(command: CommandHelp): string[] {
  const {id, summary, args} = command
  const on = `complete -c cruddur-db -n '__cruddur_db_on ${id}'`
  return [
    `${withoutCommand} -a ${quoteFish(id)} -d ${quoteFish(label(summary))}`,
    ...flagsOf(command).map(
      (flag) => `${on} -l ${flag.name}${taking(valuesOfFlag(flag))} -d ${quoteFish(label(flag.description))}`,
    ),
    ...args.map((argument) => `${on}${taking(valuesOfArgument(argument)).replace(' -x', '')} -d ${argument.name}`),
  ]
}

function taking(values: Values | undefined): string {
  if (values === undefined) return ''
  if (values === 'files') return ' -r -F'
  if (values === 'anything') return ' -x'
  return ` -x -a ${quoteFish(values === 'targets' ? '(__cruddur_db_targets)' : values.map(quoteFish).join(' '))}`
}

function quoteFish(text: string): string {
  if (/^[\w.-]+$/.test(text)) return text
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
