import {Flags} from '@oclif/core'
import {guardRows} from '../../lib/access/guard.js'
import {deleteActivity} from '../../lib/app/activities.js'
import {inTransaction} from '../../lib/app/transaction.js'
import {confirmFlag, DatabaseCommand, targetArg} from '../../lib/cli/database-command.js'

export default class ActivityDelete extends DatabaseCommand {
  static override summary = 'Delete an activity and its replies.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --handle ada --uuid 5e0cfd4a-1f4b-4b5e-9f2e-0d3f6a7b8c9d',
  ]
  static override args = targetArg
  static override flags = {
    ...confirmFlag,
    handle: Flags.string({required: true, description: "The author's handle."}),
    uuid: Flags.string({required: true, description: 'The UUID of the activity.'}),
  }

  async run(): Promise<{uuid: string}> {
    const {args, flags} = await this.parse(ActivityDelete)
    const {handle, uuid} = flags
    const effect = {kind: 'activity:delete', uuid} as const
    const context = await this.openGuarded(args.target, flags.confirm, () => ({effect: () => effect}))
    await guardRows(effect, context)
    const deleted = await inTransaction(context, (transaction) => deleteActivity(transaction, {handle, uuid}))
    this.print(`Deleted activity ${deleted.uuid}.`)
    return deleted
  }
}
