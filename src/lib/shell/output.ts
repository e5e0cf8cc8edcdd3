import {spawn} from 'node:child_process'
import {existsSync, statSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import type {Writable} from 'node:stream'

/** Where a result goes: stdout, or a pager that shows it page by page. */
export interface Output {
  write(text: string | Buffer): void
  /** Waits until what was written is taken, and a pager is left. */
  end(): Promise<void>
}

/** Told by an {@link Output} how it gets on. */
export interface OutputEvents {
  /** Whether more may be written. */
  onFlow: (open: boolean) => void
  /** The reader has seen enough. */
  onClosed: () => void
}

/** stdout. */
export const standardOutput: Output = {
  write: (text) => void process.stdout.write(text),
  end: () => Promise.resolve(),
}

/** The pager that `PSQL_PAGER` or `PAGER` names, else less; undefined where there is none. */
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
 * A pager that was started; where `LESS` says nothing, less folds long lines, or where `cuts` cuts them. What a pager was
 * given that does not start, or fails before it has taken it all, goes to stdout.
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
  // A pager that was quit closes its end.
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
