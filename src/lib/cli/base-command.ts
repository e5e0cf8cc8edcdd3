import {Command, Config, type Interfaces} from '@oclif/core'
import type {Target} from '../target/target.js'
import {asFailure, failureJson, renderFailure} from './failure.js'
import {abortOnInterrupt} from './interruption.js'
import {styleOf} from './style.js'

/** The version of the document that `--json` prints. */
const schema = 'cruddur-db/1'

/**
 * What every command has: results on stdout, remarks on stderr, one JSON document under `--json`, failures in one
 * form with their exit code, and a signal that aborts on Ctrl-C.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true

  /** oclif would load its configuration anew for each command, although it is given the one that is loaded. */
  static override async run<T extends Command>(this: new (argv: string[], config: Config) => T, argv?: string[], options?: Interfaces.LoadOptions): Promise<ReturnType<T['run']>> {
    const config = options instanceof Config ? options : await Config.load(options)
    const command: Command = new this(argv ?? process.argv.slice(2), config)
    return (command as BaseCommand)._run<ReturnType<T['run']>>()
  }

  protected readonly interruption = abortOnInterrupt()
  /** The database in use, for the JSON document; undefined for commands without one. */
  protected target?: Target
  /** What the user should know although the command succeeded; part of the JSON document. */
  protected readonly warnings: string[] = []
  readonly #start = performance.now()

  protected get signal(): AbortSignal {
    return this.interruption.signal
  }

  /** A line of the result; nothing under `--json`, whose document holds the same. */
  protected print(line: string): void {
    if (!this.jsonEnabled()) process.stdout.write(`${line}\n`)
  }

  /** A line beside the result: progress, which target, which file. */
  protected readonly remark = (line: string): void => {
    process.stderr.write(`${styleOf('stderr').dim(line)}\n`)
  }

  /** A line that a person must not miss; under `--json` it is in the document too. */
  protected readonly addWarning = (text: string): void => {
    this.warnings.push(text)
    process.stderr.write(`${styleOf('stderr').yellow(text)}\n`)
  }

  override catch(error: Interfaces.CommandError): Promise<void> {
    const failure = asFailure(this.signal.aborted ? this.signal.reason : error, this.id)
    process.exitCode = failure.exitCode
    if (this.jsonEnabled()) this.logJson(this.#document({error: failureJson(failure)}))
    else process.stderr.write(`${renderFailure(failure, styleOf('stderr'), process.stderr.columns)}\n`)
    return Promise.resolve()
  }

  override toSuccessJson(result: unknown): unknown {
    return this.#document({result})
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`)
  }

  #document(outcome: {result: unknown} | {error: unknown}): Record<string, unknown> {
    return {
      schema,
      command: this.id,
      target: this.target === undefined ? null : targetJson(this.target),
      ...outcome,
      warnings: this.warnings,
      duration_ms: Math.round(performance.now() - this.#start),
    }
  }
}

function targetJson({name, url, origin}: Target): Record<string, unknown> {
  const {host, port} = url.primary
  return {name, user: url.user, host, port, database: url.database, origin}
}
