import {Flags} from '@oclif/core'
import {guardRows} from '../../lib/access/guard.js'
import {type Activity, updateActivity} from '../../lib/app/activities.js'
import {inTransaction} from '../../lib/app/transaction.js'
import {confirmFlag, DatabaseCommand, targetArg} from '../../lib/cli/database-command.js'

export default class ActivityUpdate extends DatabaseCommand {
  static override summary = 'Change the message of an activity.'
  static override examples = [
    "<%= config.bin %> <%= command.id %> --handle ada --uuid 5e0cfd4a-1f4b-4b5e-9f2e-0d3f6a7b8c9d --message 'It answers.'",
  ]
  static override args = targetArg
  static override flags = {
    ...confirmFlag,
    handle: Flags.string({required: true, description: "The author's handle."}),
    uuid: Flags.string({required: true, description: 'The UUID of the activity.'}),
    message: Flags.string({required: true, description: 'The new message, at most 280 characters.'}),
  }

  async run(): Promise<Activity> {
    const {args, flags} = await this.parse(ActivityUpdate)
    const {handle, uuid, message} = flags
    const effect = {kind: 'activity:update', uuid} as const
    const context = await this.openGuarded(args.target, flags.confirm, () => ({effect: () => effect}))
    await guardRows(effect, context)
    const activity = await inTransaction(context, (transaction) => updateActivity(transaction, {handle, uuid, message}))
    this.print(`Updated activity ${activity.uuid} by ${activity.handle}.`)
    return activity
  }
}
