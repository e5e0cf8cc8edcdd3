import {Flags} from '@oclif/core'
import {deleteActivity} from '../../lib/app/activities.js'
import {inTransaction} from '../../lib/app/transaction.js'
import {DatabaseCommand, targetArg} from '../../lib/cli/database-command.js'

export default class ActivityDelete extends DatabaseCommand {
  static override summary = 'Delete an activity and the replies to it, as its author.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --handle ada --uuid 5e0cfd4a-1f4b-4b5e-9f2e-0d3f6a7b8c9d',
  ]
  static override args = targetArg
  static override flags = {
    handle: Flags.string({required: true, description: 'The author.'}),
    uuid: Flags.string({required: true, description: 'The activity.'}),
  }

  async run(): Promise<{uuid: string}> {
    const {args, flags: {handle, uuid}} = await this.parse(ActivityDelete)
    const context = await this.open(args.target)
    const deleted = await inTransaction(context, (transaction) => deleteActivity(transaction, {handle, uuid}))
    this.print(`Deleted ${deleted.uuid}.`)
    return deleted
  }
}
