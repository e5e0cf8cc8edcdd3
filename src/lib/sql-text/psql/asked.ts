import type {Argument} from './arguments.js'
import type {Asked} from './command.js'

const destinations: Readonly<Record<string, 'output' | 'results' | 'errors'>> = {
  ...{echo: 'output', qecho: 'results', warn: 'errors'},
}

/** What `\echo`, `\qecho` and `\warn` ask for. */
export function echo(name: string, args: readonly Argument[]): Asked {
  const bare = args[0]?.text === '-n' && !args[0].quoted
  const text = (bare ? args.slice(1) : args).map((argument) => argument.text).join(' ')
  return {kind: 'print', text, newline: !bare, to: destinations[name] ?? 'output'}
}

/** A command that is wrong as it stands, and what to do about it. */
export function wrong(message: string, next: string): Asked {
  return {kind: 'wrong', message, next}
}
