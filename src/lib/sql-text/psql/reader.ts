import {scriptError} from '../faults.js'
import type {BufferPiece} from '../pieces.js'
import {SqlSplitter} from '../splitter.js'
import {type Argument, scanArguments} from './arguments.js'
import {echo, wrong} from './asked.js'
import {Branches} from './branches.js'
import type {Asked, Command} from './command.js'
import {readConnect} from './connection.js'
import {readCopy} from './copy-line.js'
import {withHome} from './home.js'
import {backquotes, isDisplay, isInDumps, reasonFor, refusalInDump} from './refused.js'
import type {PsqlState} from './state.js'
import {readBoolean} from './variables.js'

/** Asks to run the statements so far, because the number of rows of the last one is needed. */
export const settle = 'settle'

const branching = new Set(['if', 'elif', 'else', 'endif'])
/** Commands that take the rest of the line. */
const wholeLine = /^(copy|!|h|help|e[fv]?|s[fv]\+?)$/i
/** Commands for which a program takes the rest of the line. */
const piped = /^(g|gx|o|out|w|write)$/
/** Commands whose arguments may end with a semicolon, which is not part of them. */
const trimmed =
  /^(i|ir|include|include_relative|c|connect|cd|encoding|q|quit|restrict|unrestrict|d.*|l.*|x|timing|pset)$/

/**
 * Reads one text with psql's language: replaces variables, skips the branches of `\if` that do not hold, and keeps what
 * `\set` and the like say in the state. What is left are statements and commands for the caller, one after the other,
 * because a variable's value may depend on the statement before it.
 */
export class PsqlReader {
  readonly #splitter: SqlSplitter
  readonly #branches = new Branches()
  /** The last statement that was run, which `\g` and the like run again. */
  #previous: BufferPiece | undefined
  #ended = false

  constructor(
    private readonly state: PsqlState,
    private readonly options: {file: string; standardConformingStrings: boolean},
  ) {
    const {resolveInStatement, waits} = state
    const active = (...reference: Parameters<typeof resolveInStatement>) =>
      this.#branches.active ? resolveInStatement(...reference) : undefined
    this.#splitter = new SqlSplitter({...options, variables: {resolve: active, waits}})
  }

  get splitter(): SqlSplitter {
    return this.#splitter
  }

  /** Whether it is not known if what comes is run. */
  get unsure(): boolean {
    return this.#branches.unknown || this.state.unsure
  }

  /** Whether the text was ended by `\q`. */
  get ended(): boolean {
    return this.#ended
  }

  /**
   * The next statement, part of COPY data, or command; undefined if more bytes are needed.
   * @throws SqlError, ConfigurationError with the place in the text
   */
  next(): BufferPiece | Command | typeof settle | undefined {
    while (!this.#ended) {
      const piece = this.#splitter.next()
      if (piece === undefined) return this.#splitter.waiting ? settle : this.#checkEnd()
      if (piece.kind === 'psql') {
        const command = this.#psqlLine(piece)
        if (command !== undefined) return command
      } else if (piece.kind !== 'blank' && this.#branches.active) {
        if (piece.kind === 'statement') {
          this.#previous = piece
          this.state.counted = false
        }
        return piece
      }
    }
    return undefined
  }

  #checkEnd(): undefined {
    const {unclosed} = this.#branches
    if (!this.#splitter.atEnd || unclosed === undefined) return undefined
    const message = 'The file ends before the \\endif of the \\if that begins here.'
    throw scriptError('script_unterminated', message, this.options.file, unclosed, 'Write \\endif at its end.')
  }

  #psqlLine(piece: BufferPiece): Command | typeof settle | undefined {
    const text = piece.bytes.toString('utf8', piece.start).replace(/[\r\n]+$/, '')
    const {active} = this.#branches
    if (active && !this.state.counted && text.includes('ROW_COUNT')) {
      this.#splitter.unread(piece, '')
      return settle
    }
    const [, name = ''] = /^\\([^\s\\]*)/.exec(text) ?? []
    const rest = text.slice(name.length + 1)
    const whole = wholeLine.test(name) || (piped.test(name) && /^\s*\|/.test(rest))
    const {args, used, problem} = whole
      ? {args: [], used: rest.length, problem: undefined}
      : scanArguments(rest, active ? this.state.resolve : () => undefined)
    if (used < rest.length) this.#splitter.unread(piece, text.slice(0, text.length - (rest.length - used)))
    const asked = active
      ? (this.#restricted(name, args) ?? (problem === undefined ? undefined : wrongArguments(name, problem)))
      : undefined
    const carriedOut = asked ?? this.#interpret(name, args, rest, piece)
    return carriedOut && {...carriedOut, piece}
  }

  /** Carries out the command, or returns what the caller has to do. */
  #interpret(name: string, args: Argument[], rest: string, piece: BufferPiece): Asked | undefined {
    const {query} = piece
    if (branching.has(name)) {
      // Of an incomplete statement, what a branch adds that is not run does not count.
      const kept = this.#branches.active ? query : this.#branches.queryBefore
      const asked = this.#branch(name, args, piece, kept)
      this.#splitter.resume(kept)
      return asked
    }
    if (!this.#branches.active) {
      this.#splitter.resume(query)
      return undefined
    }
    if (/^g(x|set|exec|desc)?$|^watch$|^crosstabview$/.test(name)) return this.#send(name, args, rest, query)
    if (name === 'r' || name === 'reset') return {kind: 'display', name: 'r', args: [], text: ''}
    const asked = this.#command(name, args, rest, query ?? this.#previous)
    // An editor changes the incomplete statement.
    if (/^e(dit|f|v)?$/.test(name)) return asked
    if (query !== undefined && /^(include|copy|connect)$/.test(asked?.kind ?? ''))
      return wrong('A psql command is in the middle of a statement.', 'End the statement with ; before it.')
    if (asked?.kind === 'copy' && asked.path === undefined) this.#splitter.beginData(piece)
    if (asked?.kind === 'quit') this.#ended = true
    this.#splitter.resume(query)
    return asked
  }

  /** Between `\restrict` and `\unrestrict` with the same key, psql takes no other command. Returns what is wrong. */
  #restricted(name: string, [key]: Argument[]): Asked | undefined {
    const {state} = this
    if (state.isDump && !isInDumps(name)) return wrong(...refusalInDump(name))
    if (name === 'unrestrict' && state.restrictKey !== key?.text)
      return wrong(
        'The keys of \\restrict and \\unrestrict differ.',
        'Get the dump again. It was changed after pg_dump wrote it.',
      )
    if (state.restrictKey === undefined || name === 'unrestrict') return undefined
    return wrong(
      'Between \\restrict and \\unrestrict, psql allows no commands.',
      'pg_dump does not write one there. Remove it only if you know where it comes from.',
    )
  }

  #branch(name: string, args: Argument[], piece: BufferPiece, query: BufferPiece | undefined): Asked | undefined {
    const branches = this.#branches
    let problem: string | undefined
    if (name === 'if')
      branches.begin(branches.active ? this.#condition(name, args) : undefined, query, {
        line: piece.line,
        column: piece.column,
      })
    else if (name === 'elif') problem = branches.next(branches.asks ? this.#condition(name, args, piece) : false, query)
    else if (name === 'else') problem = branches.next(undefined, query)
    else problem = branches.end()
    return problem === undefined ? undefined : wrong(problem, 'Write \\if before it, or remove the line.')
  }

  /** Whether a condition holds; what is no boolean does not, as in psql. */
  #condition(name: string, args: Argument[], piece?: BufferPiece): boolean | 'unknown' {
    // The arguments of \elif were scanned while its branch was not active.
    const texts = piece === undefined ? args : scanArguments(conditionOf(piece), this.state.resolve).args
    const text = texts.map((argument) => argument.text).join(' ')
    if (this.state.hasUnknown(text)) return 'unknown'
    const value = readBoolean(text)
    if (value === undefined)
      this.state.warn(`Unrecognized value "${text}" for "\\${name} expression": it counts as false.`)
    return value ?? false
  }

  #send(name: string, args: Argument[], rest: string, query: BufferPiece | undefined): Asked | undefined {
    const run = query ?? this.#previous
    if (name === 'crosstabview') return {kind: 'unsupported', name, args: [], text: rest, instead: reasonFor(name)}
    if (run === undefined)
      return name === 'watch'
        ? wrong('\\watch cannot be used with an empty query.', 'Write the statement before it.')
        : undefined
    this.#previous = run
    if (name === 'gdesc') return {kind: 'gdesc', query: run}
    this.state.counted = false
    const [first] = args
    if (name === 'watch') return {kind: 'watch', query: run, args: args.map(({text}) => text)}
    if (name === 'gset') return {kind: 'gset', query: run, prefix: first?.text ?? ''}
    if (name === 'gexec') return {kind: 'gexec', query: run}
    const to = /^\s*\|/.test(rest) ? rest.trim() : first?.text
    if (first?.quoted === false && to?.startsWith('('))
      return wrong(`\\${name} with options is not supported.`, 'Set them with \\pset before it.')
    return {kind: 'send', query: run, records: name === 'gx', ...(to !== undefined && {to: withHome(to)})}
  }

  #command(name: string, args: Argument[], rest: string, query: BufferPiece | undefined): Asked | undefined {
    const texts = args.map(({text, quoted}) => (trimmed.test(name) && !quoted ? text.replace(/;+$/, '') : text))
    const [first = ''] = texts
    switch (name.toLowerCase() === 'copy' ? 'copy' : name) {
      case 'set':
        return this.#set(texts)
      case 'unset':
        return this.#unset(first)
      case 'echo':
      case 'qecho':
      case 'warn':
        return echo(name, args)
      case 'restrict':
      case 'unrestrict':
        return this.#restrict(name, first)
      case 'cd':
        return this.#changeFolder(first)
      case 'copy':
        return readCopy(rest)
      case 'i':
      case 'ir':
      case 'include':
      case 'include_relative':
        if (first === '') return wrong(`\\${name} needs a file.`, `Write \\${name} and the name of the file.`)
        return this.#include(first, /r$|relative$/.test(name))
      case 'c':
      case 'connect':
        return this.#connect(args, rest)
      case 'encoding':
        return first === '' ? {kind: 'display', name, args: texts, text: rest} : {kind: 'encoding', name: first}
      case 'q':
      case 'quit':
        return {kind: 'quit'}
      default:
        return isDisplay(name) || ((name === 'o' || name === 'out') && rest.trim() === '')
          ? {kind: 'display', name, args: texts, text: rest, query}
          : {kind: 'unsupported', name, args: args.map(({text}) => text), text: rest, query, instead: reasonFor(name)}
    }
  }

  #connect(args: Argument[], rest: string): Asked {
    if (this.state.hasUnknown(rest)) return {kind: 'connect', to: {}, unsure: true}
    const asked = readConnect(args)
    return asked.kind === 'connect' && this.unsure ? {...asked, unsure: true} : asked
  }

  #set(texts: string[]): Asked | undefined {
    const [name, ...values] = texts
    if (name === undefined) return {kind: 'display', name: 'set', args: [], text: ''}
    const value = values.join('')
    const problem = this.state.set(name, value)
    // In a branch that may not be run, the variable may keep its value.
    if (this.unsure || this.state.hasUnknown(value)) this.state.forget(name)
    return problem === undefined ? undefined : wrong(problem, 'A name has letters, digits and underscores.')
  }

  #restrict(name: string, key: string): Asked | undefined {
    if (key === '') return wrong(`\\${name} needs a key.`, 'Get the dump again. It was changed after pg_dump wrote it.')
    this.state.restrictKey = name === 'restrict' ? key : undefined
    return undefined
  }

  #include(path: string, relative: boolean): Asked | undefined {
    if (!this.state.hasUnknown(path)) return {kind: 'include', path: withHome(path), relative}
    this.state.uncertain = true
    return undefined
  }

  #unset(name: string): Asked | undefined {
    if (name === '') return wrong('\\unset needs the name of a variable.', 'Write \\unset and the name.')
    this.state.unset(name)
    return undefined
  }

  #changeFolder(folder: string): Asked | undefined {
    const unknown = this.state.hasUnknown(folder)
    this.state.uncertain ||= unknown
    const problem = unknown ? undefined : this.state.changeFolder(folder)
    return problem === undefined ? undefined : wrong(problem, 'Check the path. It is relative to the working folder.')
  }
}

function conditionOf(piece: BufferPiece): string {
  return piece.bytes.toString('utf8', piece.start).replace(/^\\elif/, '')
}

function wrongArguments(name: string, problem: 'quote' | 'backquote'): Asked {
  return problem === 'backquote'
    ? {kind: 'unsupported', name, args: [], text: '', instead: backquotes, form: true}
    : wrong(`A quote in the arguments of \\${name} is not closed.`, 'Close all quotes on the same line.')
}
