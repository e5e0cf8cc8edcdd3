import {Args, Flags, type Interfaces} from '@oclif/core'
import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {losesNothing, riskOf} from '../access/guard.js'
import {openSecurityGroup} from '../access/open-security-group.js'
import {openTarget, overlooked} from '../access/open-target.js'
import {protectionOf} from '../targets/protection.js'
import {describeTarget, isTargetName, localName, type Target} from '../targets/target.js'
import {BaseCommand} from './base-command.js'
import {canAsk, confirmRisk, refuseOtherWords} from './confirmation.js'
import {outcome} from './outcome.js'
import {commandPreconnection} from './preconnect.js'
import {setFlag} from './set-flag.js'
import {surroundings} from './surroundings.js'

/** A target name as an argument. Case does not matter, because the variable's name is in upper case anyway. */
export const namedTarget = Args.custom<string>({
  // oclif would read piped input as the target name.
  ignoreStdin: true,
  parse: (name) => Promise.resolve(name.toLowerCase()),
  description: 'The database: local, prod, or any name for which <NAME>_CONNECTION_URL is set.',
})

export const targetArg = {target: namedTarget({default: localName})}

export const confirmFlag = {
  confirm: Flags.string({
    helpValue: 'database@host',
    description: 'Confirm a command that destroys data on a protected target.',
  }),
}

/** For commands that fail while sessions are connected to the database. */
export const forceFlag = {
  force: Flags.boolean({description: 'End connected sessions first.'}),
}

/** How SQL files are run. */
export const runFlags = {
  'no-transaction': Flags.boolean({
    description: 'Run each statement on its own, for statements that cannot run in a transaction.',
  }),
  ...setFlag,
}

export const scriptFlags = {
  file: Flags.string({
    char: 'f',
    description: 'The file or folder to run. Default: the one in the nearest sql/ folder.',
    helpValue: 'path',
  }),
  ...runFlags,
  verbose: Flags.boolean({description: 'Show the notices that the server sends.'}),
}

/** The base of commands that use a database: opens the target and prints which database it is. */
export abstract class DatabaseCommand extends BaseCommand {
  static override baseFlags: Interfaces.FlagInput = {
    'open-sg': Flags.boolean({
      description: 'If the server does not answer, set the security-group rule to this machine first.',
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
    const {target} = output.args as {target?: string}
    // A process id of sessions:kill may be in its place, or a URL with a password, which must not be printed.
    if (target !== undefined && isTargetName(target)) outcome.targetName = target
    return output
  }

  /**
   * Finds the target, starts the embedded server if the target needs it, and prints the target on stderr. `words` is the
   * value of `--confirm`.
   */
  protected async open(name: string, words?: string): Promise<OperationContext> {
    const {remark: progress, addWarning: warn, signal} = this
    const begun = await commandPreconnection.target(name)
    const target = begun ?? (await openTarget({name, ...surroundings(), progress, signal}))
    outcome.target = target
    this.remark(describeTarget(target))
    const missed = overlooked(target, surroundings())
    if (missed !== undefined) this.remark(missed)
    refuseOtherWords(target, words)
    if (this.#opensGroup) await openSecurityGroup(surroundings(), {target, progress, signal})
    const options = {words, interactive: !outcome.json, interruption: this.interruption, remark: this.remark}
    const preconnection = begun && {finish: () => commandPreconnection.finish(signal)}
    return {target, progress, warn, signal, preconnection, authorize: (risk) => confirmRisk(risk, options)}
  }

  /**
   * Opens the target for work that destroys data. If its name or host protects it and it cannot be confirmed, the work is
   * refused here, so that this does not depend on whether the server answers.
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
    // The preconnection would be listed among the sessions.
    await commandPreconnection.abandon()
    const risk = await riskOf(context, protection, workOn(target))
    if (!losesNothing(risk)) await context.authorize(risk)
    return context
  }
}
