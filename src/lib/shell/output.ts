import {spawn} from 'node:child_process'
import {existsSync, statSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import type {Writable} from 'node:stream'

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

export const standardOutput: Output = {
  write: (text) => void process.stdout.write(text),
  end: () => Promise.resolve(),
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
export function startPager(
  command: string,
  env: NodeJS.ProcessEnv,
  cuts: boolean,
  {onFlow, onClosed}: OutputEvents,
): Output {
  const child = spawn(command, {
    shell: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: {...env, LESS: env['LESS'] ?? (cuts ? 'FRSX' : 'FRX')},
  })
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
        for (const text of state === 'failed' ? given : []) standardOutput.write(text)
        onFlow(true)
        if (state === 'left') onClosed()
        resolve()
      })
  })
  return {
    write(text) {
      if (state === 'failed') standardOutput.write(text)
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
