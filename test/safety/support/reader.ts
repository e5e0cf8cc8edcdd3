import {setTimeout as delay} from 'node:timers/promises'
import {Client} from 'pg'
import {type Generation, judge, reading} from './generations.js'

/** What a reader may meet but for an answer and, once in a row, "no such database". */
export interface Excuses {
  /** Its session is ended: by `setup --force`. */
  ended?: boolean
  /** The server does not answer, or ends all sessions: it was killed. */
  down?: boolean
}

/** What {@link Reader} takes. */
export interface ReaderOptions extends Excuses {
  url: string
  /** Keeps its session and connects again when it was ended; else it connects for each answer. */
  holds?: boolean
  /** How long it waits, without a session, before it connects again. */
  pause?: number
  /** What it may find, in this order: never the earlier again after the later. */
  order: readonly Generation[]
}

const codesOfEnded: readonly unknown[] = ['57P01', 'ECONNRESET', 'EPIPE']
const codesOfDown: readonly unknown[] = [...codesOfEnded, '57P02', '57P03', 'ECONNREFUSED']

/** A client that reads the database under its name, in a loop, and notes whatever must never be. */
export class Reader {
  /** What must never be, in words. */
  readonly problems: string[] = []
  /** How often it was told that there is no such database. */
  missing = 0
  answers = 0
  /** The longest time between two answers, in milliseconds. */
  longest = 0
  last: Generation | undefined

  private client: Client | undefined
  private answeredAt = performance.now()
  private missingInRow = 0
  private rounds = 0
  private stopped = false
  private waiting: {until: number; go: () => void}[] = []
  private readonly loop: Promise<void>

  constructor(private readonly options: ReaderOptions) {
    this.loop = this.run()
  }

  /** Waits until it has looked `times` more; a look while the server is down does not count. */
  async more(times: number): Promise<void> {
    if (this.problems.length > 0) return
    await new Promise<void>((go) => this.waiting.push({until: this.rounds + times, go}))
  }

  async stop(): Promise<void> {
    this.stopped = true
    await this.loop
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const looked = await this.look()
      if (looked) this.rounds += 1
      const {pause = 0} = this.options
      this.waiting = this.waiting.filter(({until, go}) => {
        if (this.rounds < until && this.problems.length === 0) return true
        go()
        return false
      })
      if (pause > 0 || !looked) await delay(Math.max(pause, looked ? 0 : 5))
    }

    for (const {go} of this.waiting) go()
    await this.client?.end().catch(() => undefined)
  }

  private async look(): Promise<boolean> {
    try {
      const client = this.client ?? (await this.connect())
      const {rows} = await client.query<{generation: string; n: number}>(reading)
      this.note(judge(rows))
      if (this.options.holds !== true) {
        this.client = undefined
        await client.end()
      }
      return true
    } catch (error) {
      void this.client?.end().catch(() => undefined)
      this.client = undefined
      return this.noteError(error as {code?: string; message: string})
    }
  }

  private async connect(): Promise<Client> {
    this.client = new Client({connectionString: this.options.url, application_name: 'reader'})
    this.client.on('error', () => undefined)
    await this.client.connect()
    return this.client
  }

  private note(found: ReturnType<typeof judge>): void {
    this.missingInRow = 0
    if (typeof found === 'object') return this.complain(found.wrong)
    const {order} = this.options
    if (this.last !== undefined && order.indexOf(found) < order.indexOf(this.last))
      this.complain(`${found} after ${this.last}`)
    if (this.answers > 0) this.longest = Math.max(this.longest, performance.now() - this.answeredAt)
    this.answeredAt = performance.now()
    this.answers += 1
    this.last = found
  }

  /** Whether it was an answer of a server that is there. */
  private noteError({code, message}: {code?: string; message: string}): boolean {
    if (code === '3D000') {
      this.missing += 1
      this.missingInRow += 1
      if (this.missingInRow > 1) this.complain('no such database, again')
      return true
    }

    const {down = false, ended = false} = this.options
    const isEnd = code === undefined && /terminated|not queryable/.test(message)
    if (down && (isEnd || codesOfDown.includes(code))) return false
    if (!(ended && (isEnd || codesOfEnded.includes(code)))) this.complain(`${code ?? 'error'}: ${message}`)
    return true
  }

  private complain(problem: string): void {
    if (!this.problems.includes(problem)) this.problems.push(problem)
  }
}
