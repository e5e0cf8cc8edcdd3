import {Args, Flags} from '@oclif/core'
import type {OperationContext} from '../operations/context.js'
import {openTarget} from '../operations/open-target.js'
import {describeTarget, localName, type Target} from '../target/target.js'
import {BaseCommand} from './base-command.js'
import {confirmTarget} from './confirmation.js'

/** The one positional argument of every command that talks to a database. */
export const targetArg = {
  target: Args.string({
    default: localName,
    description: 'Which database: local, prod, or any name whose <NAME>_CONNECTION_URL is set.',
  }),
}

/** The flag that stands for typing the words at a prompt. */
export const confirmFlag = {
  confirm: Flags.string({
    helpValue: 'database@host',
    description: 'Confirm work that destroys data on a target other than local.',
  }),
}

/** The flags of commands that run a SQL file. */
export const scriptFlags = {
  file: Flags.string({description: 'The SQL file to run instead of the nearest sql/ folder\'s.', helpValue: 'path'}),
  'no-transaction': Flags.boolean({description: 'Run each statement on its own, for those that cannot run in a transaction.'}),
  verbose: Flags.boolean({description: 'Show the notices of the server.'}),
}

/** A command that talks to a database: it opens its target in one place and says which one it took. */
export abstract class DatabaseCommand extends BaseCommand {
  /** Resolves the target, starts the embedded server where that is meant, and says on stderr what was taken. */
  protected async open(name: string): Promise<OperationContext & {target: Target}> {
    const {remark: progress, signal} = this
    const target = await openTarget({name, env: process.env, cwd: process.cwd(), progress, signal})
    this.target = target
    this.remark(describeTarget(target))
    return {target, progress, signal}
  }

  /** {@link open}, and for a protected target the confirmation that comes before anything is touched. */
  protected async openConfirmed(name: string, words: string | undefined): Promise<OperationContext & {target: Target}> {
    const context = await this.open(name)
    await confirmTarget({target: context.target, words, interactive: !this.jsonEnabled(), interruption: this.interruption, remark: this.remark})
    return context
  }
}
