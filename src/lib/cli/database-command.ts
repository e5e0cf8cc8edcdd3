import {Args, Flags, type Interfaces} from '@oclif/core'
import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {riskOf} from '../access/guard.js'
import {openSecurityGroup} from '../access/open-security-group.js'
import {openTarget, overlooked} from '../access/open-target.js'
import {protectionOf} from '../targets/protection.js'
import {describeTarget, localName, type Target} from '../targets/target.js'
import {readVariables} from '../targets/variables.js'
import {BaseCommand} from './base-command.js'
import {canAsk, confirmRisk, refuseOtherWords} from './confirmation.js'
import {headStart} from './head-start.js'
import {outcome} from './outcome.js'

/** Takes a target's name, in any case: that of a variable has none of its own. */
export const namedTarget = Args.custom<string>({
  // What is piped in is not for oclif to read, which takes it for the target's name.
  ignoreStdin: true,
  parse: (name) => Promise.resolve(name.toLowerCase()),
  description: 'Which database: local, prod, or any name whose <NAME>_CONNECTION_URL is set.',
})

/** The one positional argument of every command that talks to a database. */
export const targetArg = {target: namedTarget({default: localName})}

/** The flag that stands for typing the words at a prompt. */
export const confirmFlag = {
  confirm: Flags.string({
    helpValue: 'database@host',
    description: 'Confirm work that destroys data on a target other than local.',
  }),
}

/** The flag of commands that need a database without sessions. */
export const forceFlag = {
  force: Flags.boolean({description: 'End the sessions that are connected.'}),
}

/** The flags of commands that run a SQL file. */
export const scriptFlags = {
  file: Flags.string({
    char: 'f',
    description: "The SQL file to run instead of the nearest sql/ folder's.",
    helpValue: 'path',
  }),
  'no-transaction': Flags.boolean({
    description: 'Run each statement on its own, for those that cannot run in a transaction.',
  }),
  verbose: Flags.boolean({description: 'Show the notices of the server.'}),
}

/** A command that talks to a database: it opens its target in one place and says which one it took. */
export abstract class DatabaseCommand extends BaseCommand {
  static override baseFlags: Interfaces.FlagInput = {
    'open-sg': Flags.boolean({
      description: 'Where nothing answers, set the security-group rule to this machine first.',
    }),
  }

  #opensGroup = false

  protected override async parse<
    F extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    B extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    A extends Interfaces.OutputArgs<Interfaces.ArgInput>,
  >(options?: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
    const output = await super.parse<F, B, A>(options, argv)
    this.#opensGroup = Boolean(output.flags['open-sg'])
    return output
  }

  /**
   * Resolves the target, starts the embedded server where that is meant, and says on stderr what was taken. `words` is
   * what `--confirm` was given, for commands that have it.
   */
  protected async open(name: string, words?: string): Promise<OperationContext> {
    const {remark: progress, addWarning: warn, signal} = this
    const begun = await headStart.target(name)
    const place = {env: process.env, cwd: process.cwd()}
    const target = begun ?? (await openTarget({name, ...place, progress, signal}))
    outcome.target = target
    this.remark(describeTarget(target))
    const missed = overlooked(target, place)
    if (missed !== undefined) this.remark(missed)
    refuseOtherWords(target, words)
    if (this.#opensGroup)
      await openSecurityGroup({variables: readVariables(process.env, process.cwd())}, {target, progress, signal})
    const options = {words, interactive: !outcome.json, interruption: this.interruption, remark: this.remark}
    const early = begun && {finish: () => headStart.finish(signal)}
    return {target, progress, warn, signal, early, authorize: (risk) => confirmRisk(risk, options)}
  }

  /**
   * {@link open} for work that destroys data. Where the target is protected by its name or host and the words are
   * certain to be missing, it is refused here, with what the work would do, even if the server cannot be reached.
   */
  protected async openGuarded(
    name: string,
    words: string | undefined,
    workOn: (target: Target) => Work,
  ): Promise<OperationContext> {
    const context = await this.open(name, words)
    const {target} = context
    const protection = protectionOf(target.name, target.url)
    const asks = canAsk({words, interactive: !outcome.json})
    if (protection === undefined || asks || words !== undefined) return context
    // It would be among the sessions that are told of.
    await headStart.abandon()
    await context.authorize(await riskOf(context, protection, workOn(target)))
    return context
  }
}
