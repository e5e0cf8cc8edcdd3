import type {Asked} from './command.js'

/** Commands that only change what psql prints, or print about the database. In a file they are passed over. */
const display =
  /^(timing|pset|x|t|a|f|C|H|T|d.*|l|l\+|list|list\+|z|s[fv]\+?|sf|sv|conninfo|h|help|\?|copyright|errverbose|p|print|dp|html)$/

/** Whether a command only shows something. */
export function isDisplay(name: string): boolean {
  return display.test(name)
}

const runsProgram = 'It runs a program, and a file may not. Run the program before or after the file.'

const refusalReasons: Readonly<Record<string, string>> = {
  '!': runsProgram,
  '.': 'No COPY … FROM STDIN is open here. Remove the line.',
  setenv: 'It changes the environment of programs, and a file may not run any. Remove the line.',
  getenv: 'A file cannot read the environment. Give the value from outside: --set name=value',
  prompt: 'A file cannot ask. Give the value from outside: --set name=value',
  watch: 'It repeats a statement without an end. End the statement with ; and remove the line.',
  w: 'It writes a file. End the statement with ; and remove the line.',
  write: 'It writes a file. End the statement with ; and remove the line.',
  o: 'It writes a file or runs a program. Remove the line, since the rows of a file are not shown.',
  out: 'It writes a file or runs a program. Remove the line, since the rows of a file are not shown.',
  s: 'It writes a file. Remove the line.',
  password: 'It asks for a password. Write ALTER ROLE … PASSWORD with a value of --set.',
}
const refusalGroups: [RegExp, string][] = [
  [/^(e|edit|ef|ev)$/, 'It opens an editor. Remove the line.'],
  [/^lo_/, 'It reads or writes a file on this machine. Use the functions lo_from_bytea and lo_get.'],
  [
    /^(bind|bind_named|parse|close|close_prepared|startpipeline|endpipeline|syncpipeline|flush|flushrequest|getresults|sendpipeline)$/,
    'Write the values into the statement, and end it with ;',
  ],
]

/** Why a command is refused in a file, and what works instead. */
export function reasonFor(name: string): string {
  return (
    refusalReasons[name] ??
    refusalGroups.find(([pattern]) => pattern.test(name))?.[1] ??
    'psql has no such command. Check the spelling, or remove the line.'
  )
}

/** The message and the advice for what is wrong, or what a shell does and a file may not do; undefined for anything else. */
export function refusedInFile(asked: Asked): [message: string, next: string] | undefined {
  if (asked.kind === 'wrong') return [asked.message, asked.next]
  if (asked.kind === 'unsupported') return [`psql's \\${asked.name} is not supported in a file.`, asked.instead]
  if (asked.kind === 'copyOut') return ["psql's \\copy is not supported in a file.", copyRefused.to]
  if (asked.kind === 'watch') return ["psql's \\watch is not supported in a file.", reasonFor('watch')]
  if (asked.kind !== 'send' || asked.to === undefined) return undefined
  const name = asked.records ? 'gx' : 'g'
  return [
    `\\${name} with a file or a program is not supported.`,
    'End the statement with ; since the rows of a file are not shown.',
  ]
}

export const backquotes =
  'Text in backquotes runs a program, and a file may not. Give the value from outside: --set name=value'
export const copyRefused: Readonly<Record<'to' | 'program' | 'syntax', string>> = {
  to: '\\copy … to writes a file, or runs a program. Write COPY … TO STDOUT in the shell, or leave the line out.',
  program: "\\copy … from program runs a program, and a file may not. Use \\copy table from 'file'.",
  syntax: "Use \\copy table from 'file', or \\copy table from stdin with the data after it.",
}

/** Whether pg_dump or pg_dumpall writes a command. */
export function isInDumps(name: string): boolean {
  return /^(c|connect|restrict|unrestrict)$/.test(name)
}

/** The message and the advice for a command that pg_dump does not write. The dump may come from someone else. */
export function refusalInDump(name: string): [message: string, next: string] {
  return [
    `The dump has the psql command \\${name}, and pg_dump does not write one.`,
    'Get the dump again. If you trust the file, load it with psql.',
  ]
}
