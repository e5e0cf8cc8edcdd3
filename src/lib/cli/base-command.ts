import {Command, Config, type Interfaces} from '@oclif/core'
import {styleOf} from '../text/style.js'
import {typeable} from './hints.js'
import {abortOnInterrupt} from './interruption.js'
import {outcome} from './outcome.js'

/**
 * What every command has: results on stdout, remarks on stderr, one JSON document under `--json`, failures in one
 * form with their exit code, and a signal that aborts on Ctrl-C.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true

  /** oclif would load its configuration anew for each command, although it is given the one that is loaded. */
  static override async run<T extends Command>(
    this: new (argv: string[], config: Config) => T,
    argv?: string[],
    options?: Interfaces.LoadOptions,
  ): Promise<ReturnType<T['run']>> {
    const config = options instanceof Config ? options : await Config.load(options)
    const command: Command = new this(argv ?? process.argv.slice(2), config)
    return (command as BaseCommand)._run<ReturnType<T['run']>>()
  }

  protected readonly interruption = abortOnInterrupt()

  protected get signal(): AbortSignal {
    return this.interruption.signal
  }

  override init(): Promise<void> {
    outcome.command = this.id ?? null
    return super.init()
  }

  override jsonEnabled(): boolean {
    return outcome.json
  }

  /** A line of the result; nothing under `--json`, whose document holds the same. */
  protected print(line: string): void {
    if (!outcome.json) process.stdout.write(`${line}\n`)
  }

  /** The result as a file has it: its own line ends and all. */
  protected printRaw(text: string): void {
    if (!this.jsonEnabled()) process.stdout.write(text)
  }

  /** A line beside the result: progress, which target, which file. */
  protected readonly remark = (line: string): void => {
    process.stderr.write(`${styleOf('stderr').dim(line)}\n`)
  }

  /** A line that a person must not miss; under `--json` it is in the document too. */
  protected readonly addWarning = (text: string): void => {
    const warning = typeable(text, outcome.target?.name)
    outcome.warnings.push(warning)
    process.stderr.write(`${styleOf('stderr').yellow(warning)}\n`)
  }

  override catch(error: Interfaces.CommandError): Promise<void> {
    outcome.fail(this.signal.aborted ? this.signal.reason : error)
    return Promise.resolve()
  }

  /** Called with the result of a command that succeeded, under `--json`. */
  override logJson(result: unknown): void {
    outcome.succeed(result)
  }
}
