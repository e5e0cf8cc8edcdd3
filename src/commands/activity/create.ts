import {Flags} from '@oclif/core'
import {type Activity, createActivity} from '../../lib/app/activities.js'
import {inTransaction} from '../../lib/app/transaction.js'
import {ttls} from '../../lib/app/ttl.js'
import {DatabaseCommand, targetArg} from '../../lib/cli/database-command.js'

export default class ActivityCreate extends DatabaseCommand {
  static override summary = 'Create an activity.'
  static override examples = [
    "<%= config.bin %> <%= command.id %> --handle ada --message 'It answers!' --ttl 7-days",
    "<%= config.bin %> <%= command.id %> staging --handle ada --message 'It answers!' --ttl 1-hour --json",
  ]
  static override args = targetArg
  static override flags = {
    handle: Flags.string({required: true, description: "The author's handle."}),
    message: Flags.string({required: true, description: 'The message, at most 280 characters.'}),
    ttl: Flags.option({options: ttls})({required: true, description: `Time until it expires: ${ttls.join(', ')}.`}),
  }

  async run(): Promise<Activity> {
    const {
      args,
      flags: {handle, message, ttl},
    } = await this.parse(ActivityCreate)
    const context = await this.open(args.target)
    const activity = await inTransaction(context, (transaction) => createActivity(transaction, {handle, message, ttl}))
    this.print(`Created activity ${activity.uuid} by ${activity.handle}.`)
    return activity
  }
}
