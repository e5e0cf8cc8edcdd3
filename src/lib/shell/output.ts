import {spawn} from 'node:child_process'
import {createWriteStream, existsSync, statSync} from 'node:fs'
import {delimiter, join, resolve} from 'node:path'
import type {Writable} from 'node:stream'
import {ConfigurationError, errorCode} from '../errors.js'

/** Where a result goes: stdout or a pager. */
export interface Output {
  write(text: string | Buffer): void
  /** Waits until everything is written and the user has quit the pager. */
  end(): Promise<void>
}

export interface OutputEvents {
  /** Called when writing must pause or can go on. */
  onFlow: (open: boolean) => void
  /** Called when the user has quit the pager. */
  onClosed: () => void
}

/** Stdout, whose reader may be slower than the server: what it has not taken would fill the memory. */
export function standardOutput({onFlow}: Pick<OutputEvents, 'onFlow'>): Output {
  let waits = false
  return {
    write(text) {
      if (process.stdout.write(text) || waits) return
      waits = true
      onFlow(false)
      process.stdout.once('drain', () => {
        waits = false
        onFlow(true)
      })
    },
    end: () => Promise.resolve(),
  }
}

/**
 * Opens the file of `\\g FILE` or `\\o FILE`, or starts the program of `\\g |PROGRAM`, which gets the result.
 * @throws ConfigurationError (`file_unwritable`) from `end`
 */
export function openOutput(to: string, env: NodeJS.ProcessEnv, folder: string, events: OutputEvents): Output {
  if (to.startsWith('|')) return startReader({command: to.slice(1), env, folder, otherwise: () => undefined}, events)
  const path = resolve(folder, to)
  const stream = createWriteStream(path)
  let failure: unknown
  stream.on('error', (error) => (failure ??= error)).on('drain', () => events.onFlow(true))
  const closed = new Promise<void>((done) => stream.on('close', done))
  return {
    write(text) {
      if (failure === undefined && !stream.write(text)) events.onFlow(false)
    },
    async end() {
      stream.end()
      await closed
      if (failure === undefined) return
      throw new ConfigurationError(`${to} cannot be written (${errorCode(failure) ?? 'unknown'}).`, {
        code: 'file_unwritable',
        next: ['Check that its folder is there, and may be written.'],
        details: {file: to},
        cause: failure,
      })
    },
  }
}

/** The pager of `PSQL_PAGER` or `PAGER`, or less; undefined if there is none. */
export function pagerCommand(env: NodeJS.ProcessEnv): string | undefined {
  const named = env['PSQL_PAGER'] ?? env['PAGER']
  if (named !== undefined) return named.trim() === '' ? undefined : named
  const extension = process.platform === 'win32' ? '.exe' : ''
  const folders = (env['PATH'] ?? '').split(delimiter)
  return folders
    .map((folder) => join(folder, `less${extension}`))
    .some((path) => existsSync(path) && statSync(path).isFile())
    ? 'less'
    : undefined
}

/**
 * Starts a pager. Unless `LESS` is set, less wraps long lines, or cuts them if `cuts` is set. If the pager does not start,
 * or fails before it has read everything, the text goes to stdout.
 */
export function startPager(command: string, env: NodeJS.ProcessEnv, cuts: boolean, events: OutputEvents): Output {
  const output = standardOutput(events)
  const settings = {...env, LESS: env['LESS'] ?? (cuts ? 'FRSX' : 'FRX')}
  return startReader({command, env: settings, otherwise: (text) => output.write(text)}, events)
}

interface Reader {
  command: string
  env: NodeJS.ProcessEnv
  folder?: string
  /** Takes the text if the program does not start, or fails before it has read everything. */
  otherwise: (text: string | Buffer) => void
}

/** Starts a program that reads the result. */
function startReader({command, env, folder, otherwise}: Reader, {onFlow, onClosed}: OutputEvents): Output {
  const child = spawn(command, {shell: true, cwd: folder, stdio: ['pipe', 'inherit', 'inherit'], env})
  const input: Writable = child.stdin
  let given: (string | Buffer)[] = []
  let state: 'reads' | 'left' | 'failed' = 'reads'
  // A pager closes its input when the user quits.
  input.on('error', () => undefined)
  input.on('drain', () => {
    given = []
    onFlow(true)
  })
  const closed = new Promise<void>((resolve) => {
    child
      .on('error', () => undefined)
      .on('close', (code) => {
        state = code !== 0 && given.length > 0 ? 'failed' : 'left'
        for (const text of state === 'failed' ? given : []) otherwise(text)
        onFlow(true)
        if (state === 'left') onClosed()
        resolve()
      })
  })
  return {
    write(text) {
      if (state === 'failed') otherwise(text)
      if (state !== 'reads') return
      given.push(text)
      if (!input.write(text)) onFlow(false)
    },
    async end() {
      input.end()
      await closed
    },
  }
}
