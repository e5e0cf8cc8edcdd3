import type {Target} from '../targets/target.js'
import {styleOf} from '../text/style.js'
import {asksForJson} from './command-line.js'
import {type DocumentFrame, type Ending, errorJson, schemaVersion, targetJson} from './document.js'
import {failureDetails} from './failure-details.js'
import {asFailure, renderFailure} from './failure.js'
import {reserveStdout} from './streams.js'

/** What is known of this run of the program, and how it is told: the one maker of documents and of error texts. */
class Outcome {
  /** Whether one JSON document is asked for. */
  json = false
  command: string | null = null
  target?: Target
  readonly warnings: string[] = []
  #write: typeof process.stdout.write | undefined

  /** Finds `--json` in the arguments, before a `--`; with it stdout is the document's alone from now on. */
  begin(argv: readonly string[]): void {
    this.json = asksForJson(argv)
    if (this.json) this.#write = reserveStdout()
  }

  /** Prints the document of a success; without `--json` the command has printed its result itself. */
  succeed(result: unknown): void {
    if (this.json) this.#print({result})
  }

  /**
   * Sets the exit code and says what went wrong: in the document, or on stderr where none is asked for or it was printed
   * already. `done` is called once it is written.
   */
  fail(error: unknown, done?: () => void): void {
    const failure = asFailure(error, this.command ?? undefined)
    process.exitCode = failure.exitCode
    if (this.#write !== undefined) this.#print({error: errorJson(failure, this.target?.name)}, done)
    else process.stderr.write(`${this.render(failure)}\n`, done)
  }

  /** An error as the terminal shows it. */
  render(error: unknown): string {
    const [failure, style] = [asFailure(error, this.command ?? undefined), styleOf('stderr')]
    const details = failureDetails(failure, style, process.stderr.columns)
    return renderFailure(failure, {style, target: this.target?.name, details})
  }

  #print(ending: Ending, done?: () => void): void {
    const {command, target, warnings} = this
    const document: DocumentFrame & Ending = {
      schema: schemaVersion,
      command,
      target: target === undefined ? null : targetJson(target),
      ...ending,
      warnings,
      duration_ms: Math.round(performance.now()),
    }
    const text = `${JSON.stringify(document, null, 2)}\n`
    const write = this.#write
    this.#write = undefined
    write?.(text, done)
  }
}

/** Of this process. */
export const outcome = new Outcome()
