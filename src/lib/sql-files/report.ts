import {formatBytes, formatCount, formatDuration} from '../text/format.js'
import type {RunSummary, ScriptMessage, ScriptProgress} from './run-file.js'

/** What {@link ScriptReport} writes to. */
export interface ScriptReportOptions {
  /** A line beside the result. */
  remark: (line: string) => void
  /** A warning, for the JSON document too. */
  warn: (text: string) => void
  /** Whether notices are shown, not only counted. */
  verbose: boolean
  /** Where the progress line goes; only a terminal gets one. */
  stream?: {isTTY?: boolean; write: (text: string) => unknown}
  /** Milliseconds of any clock that does not jump. */
  clock?: () => number
}

const quietMilliseconds = 1000
const redrawMilliseconds = 100
const eraseLine = '\r\u001b[K'

/** Shows what a SQL file's run says and how far it is: one line that is redrawn, on a terminal, after a second. */
export class ScriptReport {
  private readonly start: number
  private drawn = 0

  constructor(private readonly options: ScriptReportOptions) {
    this.start = this.now()
  }

  readonly onMessage = ({kind, text}: ScriptMessage): void => {
    this.erase()
    if (kind === 'warning') this.options.warn(text)
    else if (kind === 'echo' || this.options.verbose) this.options.remark(text)
  }

  readonly onProgress = (progress: ScriptProgress): void => {
    const now = this.now()
    if (!this.stream.isTTY || now - this.start < quietMilliseconds || now - this.drawn < redrawMilliseconds) return
    this.drawn = now
    this.stream.write(`${eraseLine}${progressLine(progress, (now - this.start) / 1000)}`)
  }

  /** Takes the progress line away; to be called when the run has ended, however it did. */
  erase(): void {
    if (this.drawn > 0) this.stream.write(eraseLine)
    this.drawn = 0
  }

  /** The run in one line. */
  summary({statements, rows, bytes, notices, warnings, transaction}: RunSummary): string {
    const seconds = (this.now() - this.start) / 1000
    const parts = [
      formatCount(statements, 'statement'),
      formatCount(rows, 'row'),
      `${formatBytes(bytes)} in ${formatDuration(seconds * 1000)}${seconds >= 1 ? ` (${formatBytes(bytes / seconds)}/s)` : ''}`,
      ...(warnings > 0 ? [formatCount(warnings, 'warning')] : []),
      ...(notices > 0
        ? [`${formatCount(notices, 'notice')}${this.options.verbose ? '' : ' (--verbose shows them)'}`]
        : []),
    ]
    const mode = {
      one: '',
      own: ' The file has its own BEGIN or COMMIT: it was run as it is written.',
      none: ' Each statement was run on its own.',
    }[transaction]
    return `${parts.join(', ')}.${mode}`
  }

  private get stream(): NonNullable<ScriptReportOptions['stream']> {
    return this.options.stream ?? process.stderr
  }

  private now(): number {
    return (this.options.clock ?? (() => performance.now()))()
  }
}

/** How far a run is after so many seconds; without a share and the time left where the size is not known. */
export function progressLine({bytes, totalBytes, rows}: ScriptProgress, seconds: number): string {
  const rate = bytes / seconds
  const known = totalBytes > 0 && bytes <= totalBytes
  return [
    known ? `${Math.floor((bytes / totalBytes) * 100)}%` : undefined,
    known ? `${formatBytes(bytes)} of ${formatBytes(totalBytes)}` : formatBytes(bytes),
    formatCount(rows, 'row'),
    `${formatBytes(rate)}/s`,
    known ? `${formatDuration(((totalBytes - bytes) / rate) * 1000)} left` : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(', ')
}
