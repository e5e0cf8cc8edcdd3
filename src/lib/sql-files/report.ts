import {formatBytes, formatCount, formatDuration} from '../text/format.js'
import {ProgressLine, type ProgressLineOptions} from '../text/progress-line.js'
import type {RunPart} from './parts.js'
import type {RunSummary, ScriptMessage, ScriptProgress} from './run-file.js'

export interface ScriptReportOptions extends ProgressLineOptions {
  /** Prints a status line. */
  remark: (line: string) => void
  /** Prints a warning. */
  warn: (text: string) => void
  /** Whether notices are printed, not only counted. */
  verbose: boolean
}

/** Below this size the number of bytes and the rate say nothing. */
const minBytes = 1_000_000

/** Shows messages and progress of a SQL file. On a terminal, after one second, there is a progress line. */
export class ScriptReport {
  private readonly line: ProgressLine

  constructor(private readonly options: ScriptReportOptions) {
    this.line = new ProgressLine(options)
  }

  readonly onMessage = ({kind, text}: ScriptMessage): void => {
    this.line.erase()
    if (kind === 'warning') this.options.warn(text)
    else if (kind !== 'notice' || this.options.verbose) this.options.remark(text)
  }

  readonly onProgress = (progress: ScriptProgress): void => {
    this.line.draw((seconds) => progressLine(progress, seconds))
  }

  /** Removes the progress line. Must be called when the run has ended. */
  end(): void {
    this.line.end()
  }

  /** Summarizes the run in one line. */
  summary({statements, rows, bytes, notices, warnings, transaction, parts}: RunSummary): string {
    const {seconds} = this.line
    const size = bytes < minBytes ? [] : [formatBytes(bytes)]
    const rate = bytes < minBytes || seconds < 1 ? '' : ` (${formatBytes(bytes / seconds)}/s)`
    const done = [
      formatCount(statements, 'statement'),
      ...(rows > 0 ? [`${formatCount(rows, 'row')} loaded`] : []),
      ...size,
    ]
    const facts = [
      `${done.join(', ')} in ${formatDuration(seconds * 1000)}${rate}`,
      ...(warnings > 0 ? [formatCount(warnings, 'warning')] : []),
      ...(notices > 0
        ? [`${formatCount(notices, 'notice')}${this.options.verbose ? '' : ' (--verbose shows them)'}`]
        : []),
    ]
    const mode = {
      one: '',
      own: parts === undefined ? ' The file has its own COMMIT, so it did not run in one transaction.' : '',
      none: ' Each statement ran on its own.',
    }[transaction]
    return `${facts.join(', ')}.${mode}${parts === undefined ? '' : partsSentence(parts, transaction)}`
  }
}

/** Says what ran in which database, and that it was not one transaction. */
function partsSentence(parts: readonly RunPart[], transaction: RunSummary['transaction']): string {
  if (parts.length === 0) return ''
  const each = parts.map(({database, statements}) => `${formatCount(statements, 'statement')} in ${database}`)
  const apart = transaction === 'none' ? '' : ', and each part was committed by itself'
  return ` The file changes the database${apart}: ${each.join(', then ')}.`
}

/** Statements that run for so long are named. */
const longSeconds = 2

/** The progress after so many seconds. Without a known size there is no percentage and no remaining time. */
export function progressLine({bytes, totalBytes, rows, at}: ScriptProgress, seconds: number): string {
  const rate = bytes / seconds
  const known = totalBytes > 0 && bytes <= totalBytes
  const tells = totalBytes === 0 || totalBytes >= minBytes
  const lines = at !== undefined && at.lastLine > at.line ? `${at.line}-${at.lastLine}` : at?.line
  return [
    at !== undefined && (!tells || at.seconds >= longSeconds)
      ? `${at.file}:${lines} for ${formatDuration(at.seconds * 1000)}`
      : undefined,
    known && tells ? `${Math.floor((bytes / totalBytes) * 100)}%` : undefined,
    known && tells ? `${formatBytes(bytes)} of ${formatBytes(totalBytes)}` : tells ? formatBytes(bytes) : undefined,
    // Those of a COPY are only known at its end.
    rows > 0 ? formatCount(rows, 'row') : undefined,
    tells ? `${formatBytes(rate)}/s` : undefined,
    known && tells && bytes < totalBytes ? `${formatDuration(((totalBytes - bytes) / rate) * 1000)} left` : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(', ')
}
