import {Command, Config, type Interfaces} from '@oclif/core'
import type {WarningCode} from '../access/context.js'
import {showControls} from '../text/controls.js'
import {styleOf} from '../text/style.js'
import {adviceOnWarning} from './advice.js'
import {abortOnInterrupt} from './interruption.js'
import {outcome} from './outcome.js'

/**
 * The base of all commands: results go to stdout and status lines to stderr, `--json` prints one document, errors set the
 * exit code, and Ctrl-C aborts `signal`.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true

  /** Reuses the loaded configuration; oclif's own `run` would load it a second time. */
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

  /** Prints a line of the result. With `--json` nothing is printed, because the document has the same facts. */
  protected print(line: string): void {
    if (!outcome.json) process.stdout.write(`${showControls(line)}\n`)
  }

  /** Prints a result with colors of ours. Its renderer escapes what comes from outside, because only it can tell them apart. */
  protected printStyled(text: string): void {
    if (!outcome.json) process.stdout.write(`${text}\n`)
  }

  /** Prints text with its own line ends, and unchanged unless it goes to a terminal. */
  protected printRaw(text: string): void {
    if (!this.jsonEnabled())
      process.stdout.write(process.stdout.isTTY ? showControls(text.replaceAll('\r\n', '\n')) : text)
  }

  /** Prints a status line on stderr: progress, the target, the file in use. */
  protected readonly remark = (line: string): void => {
    process.stderr.write(`${styleOf('stderr').dim(showControls(line))}\n`)
  }

  /** Prints a warning on stderr. With `--json` the document has it too. */
  protected readonly addWarning = (text: string, code?: WarningCode): void => {
    const warning = code === undefined ? text : `${text} ${adviceOnWarning(code, outcome.target?.name)}`
    outcome.warnings.push(warning)
    process.stderr.write(`${styleOf('stderr').yellow(showControls(warning))}\n`)
  }

  override catch(error: Interfaces.CommandError): Promise<void> {
    outcome.fail(this.signal.aborted ? this.signal.reason : error)
    return Promise.resolve()
  }

  /** oclif calls this with the result of a command when `--json` is given. */
  override logJson(result: unknown): void {
    outcome.succeed(result)
  }
}
