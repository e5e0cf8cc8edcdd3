import type {OperationContext, Risk} from '../../access/context.js'
import {CruddurError, RefusedError, UsageError} from '../../errors.js'
import type {Session} from '../../postgres/catalog/session.js'
import {confirmationOf} from '../../targets/protection.js'
import {describeTarget} from '../../targets/target.js'
import {styleOf} from '../../text/style.js'
import {wrap} from '../../text/wrap.js'
import type {SessionColumn} from '../columns.js'
import type {SessionFilter} from '../filter.js'
import {SessionWatcher} from '../follow.js'
import type {KilledSession} from '../kill.js'
import {handleKey, type KeyEffect} from './keys.js'
import {Screen} from './screen.js'
import {connectionLost, initialState, receive, resize, type WatchState} from './state.js'
import {render} from './view.js'

export interface WatchOnTerminalOptions {
  /** Seconds between two updates. */
  interval: number
  all: boolean
  filter: SessionFilter
  columns?: readonly SessionColumn[]
  sort?: string
}

const minIntervalSeconds = 0.2
const maxIntervalSeconds = 3600

/**
 * Shows the sessions live until the user presses q or Ctrl-C; returns whether it was Ctrl-C. `open` opens the target, after
 * the terminal was checked.
 * @throws UsageError (`no_terminal`, `interval_invalid`), InterruptedError, ConnectionError and StateError at the start
 */
export async function watchOnTerminal(
  options: WatchOnTerminalOptions,
  open: () => Promise<OperationContext>,
): Promise<{interrupted: boolean}> {
  const {interval} = options
  if (interval < minIntervalSeconds || interval > maxIntervalSeconds) {
    throw new UsageError('--watch takes 0.2s to 1h.', {
      code: 'interval_invalid',
      next: ['For example: --watch 2s'],
    })
  }

  if (!process.stdin.isTTY || !process.stdout.isTTY || process.env['TERM'] === 'dumb') {
    throw new UsageError('--watch needs a terminal.', {code: 'no_terminal'})
  }

  const context = await open()
  const view = new LiveView(options, context)
  await view.run()
  context.signal.throwIfAborted()
  return {interrupted: view.interrupted}
}

/** Connects the view, which is a pure function of its state, to a terminal and a server. */
class LiveView {
  interrupted = false
  readonly #screen: Screen
  readonly #watcher: SessionWatcher
  readonly #quit = new AbortController()
  readonly #style = styleOf('stdout')
  #state: WatchState
  #answer?: (typed: string | undefined) => void

  constructor(options: WatchOnTerminalOptions, context: OperationContext) {
    this.#screen = new Screen({onKey: this.#onKey, onResize: (size) => this.#set(resize(this.#state, size))})
    const {interval, all, filter, columns, sort} = options
    this.#state = initialState({
      label: describeTarget(context.target),
      size: this.#screen.size,
      interval,
      all,
      filter,
      columns,
      sort,
    })
    const signal = AbortSignal.any([context.signal, this.#quit.signal])
    signal.addEventListener('abort', () => this.#answer?.(undefined), {once: true})
    this.#watcher = new SessionWatcher(
      {
        interval,
        onOverview: (overview, protection, load) => {
          // The screen opens only after the first answer, so that an error before is shown normally.
          this.#screen.open()
          this.#set(receive(this.#state, overview, protection, Date.now(), load))
        },
        onLost: ({message}) => this.#set(connectionLost(this.#state, message, Date.now())),
      },
      {...context, signal, authorize: this.#authorize},
    )
  }

  async run(): Promise<void> {
    // Draws every second, because the view shows ages.
    const clock = setInterval(() => this.#draw(), 1000)
    try {
      await this.#watcher.run()
    } finally {
      clearInterval(clock)
      this.#screen.dispose()
    }
  }

  #set(state: WatchState): void {
    this.#state = state
    this.#watcher.paused = state.paused
    this.#watcher.interval = state.interval
    this.#draw()
  }

  #draw(): void {
    this.#screen.draw(render(this.#state, this.#style, Date.now()))
  }

  readonly #onKey = (key: string): void => {
    const {state, effect} = handleKey(this.#state, key, Date.now())
    this.#set(state)
    if (effect !== undefined) this.#act(effect)
  }

  #act(effect: KeyEffect): void {
    switch (effect.kind) {
      case 'quit':
        this.#screen.close()
        return this.#quit.abort()
      case 'interrupt':
        this.interrupted = true
        this.#screen.close()
        return this.#quit.abort()
      case 'suspend':
        return this.#screen.suspend()
      case 'refresh':
        return this.#watcher.refresh()
      case 'repaint':
        this.#screen.repaint()
        return this.#draw()
      case 'words':
        return this.#answer?.(effect.typed)
      case 'query':
        return void this.#showQuery(effect.session)
      case 'end':
        return void this.#end(effect.session, effect.cancel)
    }
  }

  async #showQuery(session: Session): Promise<void> {
    const query = await this.#watcher.query(session).catch(() => undefined)
    const {mode, size} = this.#state
    if (mode.kind !== 'details' || mode.session !== session) return
    const text = query ?? session.query
    this.#set({...this.#state, mode: {...mode, query: text, lines: wrap(text, size.columns - 2)}})
  }

  async #end(session: Session, cancel: boolean): Promise<void> {
    const text = await this.#watcher.end(session, {cancel}).then(describeEnd, (error: unknown) => {
      if (error instanceof CruddurError) return error.message
      throw error
    })
    this.#set({...this.#state, message: {text, at: Date.now()}})
  }

  /** Asks for the confirmation in the footer of the view. */
  readonly #authorize = async ({target, sessions}: Risk): Promise<void> => {
    const expected = confirmationOf(target)
    const [session] = sessions ?? []
    const typed = await new Promise<string | undefined>((resolve) => {
      this.#answer = resolve
      this.#set({...this.#state, mode: {kind: 'words', expected, typed: '', pid: session?.pid ?? NaN}})
    })
    if (typed === expected) return
    throw new RefusedError('Not confirmed. Nothing was changed.', {code: 'not_confirmed', details: {confirm: expected}})
  }
}

function describeEnd({pid, outcome, reason}: KilledSession): string {
  const words = {
    ended: 'ended',
    cancelled: 'query canceled',
    planned: 'planned',
    gone: 'gone',
    left: 'skipped',
    refused: 'refused',
  }[outcome]
  return `${pid}: ${words}${reason === undefined ? '' : `, ${reason}`}.`
}
