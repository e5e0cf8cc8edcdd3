import type {CruddurError} from '../errors.js'
import type {Target} from '../targets/target.js'
import {escapeControls} from '../text/controls.js'
import {styleOf} from '../text/style.js'
import {adviceOn} from './advice.js'
import {asksForJson} from './command-line.js'
import {type DocumentEnd, type DocumentFrame, errorJson, schemaVersion, targetJson} from './document.js'
import {failureDetails} from './failure-details.js'
import {asFailure, renderFailure} from './failure.js'
import {reserveStdout} from './streams.js'

/** Reports how this run ended. All JSON documents and error texts are written here. */
class Outcome {
  /** Whether `--json` was given. */
  json = false
  command: string | null = null
  target?: Target
  /** The target's name on the command line, which is known before the target is found. */
  targetName?: string
  readonly warnings: string[] = []
  #write: typeof process.stdout.write | undefined

  /** Looks for `--json`. If it is there, only the document is written to stdout from now on. */
  begin(argv: readonly string[]): void {
    this.json = asksForJson(argv)
    if (this.json) this.#write = reserveStdout()
  }

  /** Prints the document of a success. Without `--json` the command has already printed its result. */
  succeed(result: unknown): void {
    if (this.json) this.#print({result})
  }

  /**
   * Sets the exit code and prints the error: in the document, or on stderr without `--json` or if the document was
   * already printed. `done` is called when it is written.
   */
  fail(error: unknown, done?: () => void): void {
    const failure = asFailure(error, this.command ?? undefined)
    process.exitCode = failure.exitCode
    if (this.#write !== undefined) this.#print({error: errorJson(failure, this.#adviceOn(failure))}, done)
    else process.stderr.write(`${this.render(failure)}\n`, done)
  }

  /** An error as the terminal shows it. */
  render(error: unknown): string {
    const [failure, style] = [asFailure(error, this.command ?? undefined), styleOf('stderr')]
    const details = failureDetails(failure, style, process.stderr.columns)
    return renderFailure(failure, {style, advice: this.#adviceOn(failure), details})
  }

  #adviceOn(failure: CruddurError): readonly string[] {
    const {command, target, targetName} = this
    return adviceOn(failure, {
      command: command ?? undefined,
      target: target?.name ?? targetName,
      database: target?.url.database,
    })
  }

  #print(ending: DocumentEnd, done?: () => void): void {
    const {command, target, warnings} = this
    const document: DocumentFrame & DocumentEnd = {
      schema: schemaVersion,
      command,
      target: target === undefined ? null : targetJson(target),
      ...ending,
      warnings,
      duration_ms: Math.round(performance.now()),
    }
    const text = `${escapeControls(JSON.stringify(document, null, 2))}\n`
    const write = this.#write
    this.#write = undefined
    write?.(text, done)
  }
}

export const outcome = new Outcome()
