import type {CopyIn} from '../postgres/wire/script-wire.js'
import {unknownRows} from '../sql-text/psql/state.js'
import type {ConnectAsked, StatementSink, WalkOptions} from './sink.js'
import {ScriptWalk} from './walk.js'

export interface DryOptions
  extends
    Pick<WalkOptions, 'cwd' | 'values' | 'session' | 'encoding' | 'isDump'>,
    Partial<Pick<WalkOptions, 'progress'>>,
    Pick<StatementSink, 'add'> {
  /** Called with each `\connect`. */
  onConnect?: (asked: ConnectAsked) => void
  /** Called with a file that can be read only once, for example a pipe. */
  onUnreadable?: () => void
}

const ignore = (): void => undefined
/** Takes data that nobody needs. */
export const noData: CopyIn = {
  write: () => Promise.resolve(),
  end: () => Promise.resolve([]),
  fail: () => Promise.resolve(),
}

/** A walk that only reads: `add` gets the statements, whose results are not known. */
export function dryWalk({
  add,
  onUnreadable = ignore,
  onConnect = ignore,
  progress = ignore,
  ...options
}: DryOptions): ScriptWalk {
  const sink: StatementSink = {
    add,
    copy: () => Promise.resolve(noData),
    answer: async (queued) => {
      await add(queued)
      return unknownRows
    },
    ask: () => Promise.resolve({columns: [], rows: []}),
    connect: (asked) => {
      onConnect(asked)
      return Promise.resolve(undefined)
    },
    lastCount: () => Promise.resolve(unknownRows),
  }
  const quiet = {echo: ignore, remark: ignore, warn: ignore}
  return new ScriptWalk(sink, {...options, ...quiet, progress, dry: {onUnreadable}})
}
