import {spawn} from '@lydell/node-pty'
import headless from '@xterm/headless'
import {bareEnvironment, program} from './cli.js'

/** A program in a real terminal: keys go in, and what stands on the screen is read as a person would read it. */
export interface Terminal {
  /** Types `keys` as they are: `\r` is Enter, `\x03` is Ctrl-C. */
  type(keys: string): void
  resize(columns: number, rows: number): void
  /** Sends a signal to the program. */
  signal(name: string): void
  /** Closes the terminal's window, under the program's feet. */
  hangUp(): void
  /** The lines of the screen without what is empty at their ends. */
  screen(): string[]
  /** Everything that was written, escape sequences included. */
  output(): string
  /** Whether the screen is the alternate one, which full-screen programs draw on. */
  alternate(): boolean
  cursorHidden(): boolean
  /** Resolves with the screen's text once `shown` holds; rejects with the screen after 30 s, or when the program ends without it. */
  until(shown: string | RegExp | ((text: string) => boolean)): Promise<string>
  /** Resolves with the exit code when the program has ended, as a shell has it: 128 and the signal that ended it. */
  exit: Promise<number>
}

/** What {@link withTerminal} takes. */
export interface TerminalOptions {
  env?: NodeJS.ProcessEnv
  cwd?: string
  columns?: number
  rows?: number
  /** Another program than the one that was built here. */
  file?: string
}

const patience = 30_000

/** Runs a program, the built one unless another is named, in a pty for as long as `use` lasts. */
export async function withTerminal<T>(
  args: string[],
  options: TerminalOptions,
  use: (terminal: Terminal) => Promise<T>,
): Promise<T> {
  const {env = {}, cwd = process.cwd(), columns = 100, rows = 30, file} = options
  const child = spawn(file ?? process.execPath, file === undefined ? [program, ...args] : args, {
    name: env['TERM'] ?? 'xterm-256color',
    cols: columns,
    rows,
    cwd,
    env: {...bareEnvironment, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env},
  })
  const emulator = new headless.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 5000})
  const listeners = new Set<() => void>()
  let written = ''
  let ended = false
  child.onData((data) => {
    written += data
    emulator.write(data, () => listeners.forEach((listener) => listener()))
  })
  // What a terminal answers when it is asked for its state.
  emulator.onData((answer) => child.write(answer))
  const exit = new Promise<number>((resolve) => {
    child.onExit(({exitCode, signal = 0}) => {
      ended = true
      // What was written last has to be on the screen.
      emulator.write('', () => {
        listeners.forEach((listener) => listener())
        resolve(signal === 0 ? exitCode : 128 + signal)
      })
    })
  })
  const screen = (): string[] => {
    const buffer = emulator.buffer.active
    const lines = Array.from(
      {length: emulator.rows},
      (_, row) => buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? '',
    )
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1)
  }
  const text = (): string => screen().join('\n')
  const until: Terminal['until'] = (shown) =>
    new Promise((resolve, reject) => {
      const holds = (): boolean => {
        if (typeof shown === 'function') return shown(text())
        return typeof shown === 'string' ? text().includes(shown) : shown.test(text())
      }
      const settle = (outcome: () => void): void => {
        clearTimeout(timer)
        listeners.delete(look)
        outcome()
      }
      const missed = (how: string): Error =>
        new Error(`${how} before ${String(shown)} was shown. The screen:\n${text()}`)
      const timer = setTimeout(() => settle(() => reject(missed('Time ran out'))), patience)
      const look = (): void => {
        if (holds()) settle(() => resolve(text()))
        else if (ended) settle(() => reject(missed('The program ended')))
      }
      listeners.add(look)
      look()
    })

  try {
    return await use({
      type: (keys) => child.write(keys),
      resize(toColumns, toRows) {
        emulator.resize(toColumns, toRows)
        child.resize(toColumns, toRows)
      },
      signal: (name) => child.kill(name),
      // It is there, but not in its types.
      hangUp: () => (child as unknown as {destroy(): void}).destroy(),
      screen,
      output: () => written,
      alternate: () => emulator.buffer.active.type === 'alternate',
      cursorHidden: () => written.lastIndexOf('\u001B[?25l') > written.lastIndexOf('\u001B[?25h'),
      until,
      exit,
    })
  } finally {
    if (!ended) child.kill('SIGKILL')
    await exit
    emulator.dispose()
  }
}
