import {Flags} from '@oclif/core'
import {type Activity, createActivity} from '../../lib/app/activities.js'
import {inTransaction} from '../../lib/app/transaction.js'
import {ttls} from '../../lib/app/ttl.js'
import {DatabaseCommand, targetArg} from '../../lib/cli/database-command.js'

export default class ActivityCreate extends DatabaseCommand {
  static override summary = 'Store an activity, as the application does.'
  static override examples = [
    "<%= config.bin %> <%= command.id %> --handle ada --message 'It answers!' --ttl 7-days",
    "<%= config.bin %> <%= command.id %> staging --handle ada --message 'It answers!' --ttl 1-hour --json",
  ]
  static override args = targetArg
  static override flags = {
    handle: Flags.string({required: true, description: 'The author.'}),
    message: Flags.string({required: true, description: 'What they say; 280 characters at most.'}),
    ttl: Flags.option({options: ttls})({required: true, description: `How long it lives: ${ttls.join(', ')}.`}),
  }

  async run(): Promise<Activity> {
    const {
      args,
      flags: {handle, message, ttl},
    } = await this.parse(ActivityCreate)
    const context = await this.open(args.target)
    const activity = await inTransaction(context, (transaction) => createActivity(transaction, {handle, message, ttl}))
    this.print(`Stored ${activity.uuid} by ${activity.handle}.`)
    return activity
  }
}
