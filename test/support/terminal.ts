import {spawn} from '@lydell/node-pty'
import headless from '@xterm/headless'
import {bareEnvironment, program} from './cli.js'

/** A program in a real terminal: a test types keys and reads the screen. */
export interface Terminal {
  /** Types keys: `\r` is Enter, `\x03` is Ctrl-C. */
  type(keys: string): void
  resize(columns: number, rows: number): void
  /** Sends a signal to the program. */
  signal(name: string): void
  /** Closes the terminal while the program runs. */
  hangUp(): void
  /** The lines of the screen, without blanks at their ends and without empty lines at the end. */
  screen(): string[]
  /** The whole output, with escape sequences. */
  output(): string
  /** Whether the alternate screen is shown, as by full-screen programs. */
  alternate(): boolean
  cursorHidden(): boolean
  /** Resolves with the text of the screen when it matches `shown`; rejects after 30 s, or if the program ends before. */
  until(shown: string | RegExp | ((text: string) => boolean)): Promise<string>
  /** Resolves with the exit code when the program has ended; after a signal that is 128 plus its number, as in a shell. */
  exit: Promise<number>
}

export interface TerminalOptions {
  env?: NodeJS.ProcessEnv
  cwd?: string
  columns?: number
  rows?: number
  /** Another program, in place of the one in dist/. */
  file?: string
}

const patience = 30_000

/** Runs a program, by default the built one, in a pty while `use` runs. */
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
  // The terminal answers queries about its state.
  emulator.onData((answer) => child.write(answer))
  const exit = new Promise<number>((resolve) => {
    child.onExit(({exitCode, signal = 0}) => {
      ended = true
      // Wait until the last output is on the screen.
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
      // The types do not declare it.
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
