import type {WalkOptions} from './sink.js'

/** A message of the server or the script. */
export interface ScriptMessage {
  /** `notice` is any message of the server below a warning; `echo` is a line of `\echo`; `remark` is what is passed over. */
  kind: 'echo' | 'notice' | 'remark' | 'warning'
  text: string
}

/** Counts messages and passes them on. After a restart, what the files said is not repeated. */
export class Messages {
  notices = 0
  warnings = 0
  private said = 0
  private toSkip = 0

  constructor(private readonly options: {onMessage?: ((message: ScriptMessage) => void) | undefined}) {}

  readonly warn = (text: string): void => {
    this.warnings++
    this.options.onMessage?.({kind: 'warning', text})
  }

  /** What the files say themselves. */
  get ofScript(): Pick<WalkOptions, 'echo' | 'remark' | 'warn'> {
    return {echo: (text) => this.once('echo', text), remark: (text) => this.once('remark', text), warn: this.warn}
  }

  private once(kind: 'echo' | 'remark', text: string): void {
    if (this.toSkip-- > 0) return
    this.said++
    this.options.onMessage?.({kind, text})
  }

  readonly server = (severity: string, text: string): void => {
    if (severity === 'WARNING') return this.warn(text)
    this.notices++
    this.options.onMessage?.({kind: 'notice', text})
  }

  restart(): void {
    this.toSkip = this.said
    this.notices = this.warnings = 0
  }
}
