import {Flags} from '@oclif/core'
import {type Activity, homeActivities} from '../../lib/app/activities.js'
import {inTransaction} from '../../lib/app/transaction.js'
import {DatabaseCommand, targetArg} from '../../lib/cli/database-command.js'
import {styleOf} from '../../lib/text/style.js'
import {type Column, renderTable} from '../../lib/text/table.js'

const columns: Column<Activity>[] = [
  {heading: 'CREATED', cell: ({created_at}) => created_at.slice(0, 19).replace('T', ' ')},
  {heading: 'HANDLE', cell: ({handle}) => handle},
  {heading: 'NAME', cell: ({display_name}) => display_name, dropOrder: 3},
  {heading: 'REPLIES', cell: ({replies_count}) => String(replies_count), align: 'right', dropOrder: 2},
  {heading: 'LIKES', cell: ({likes_count}) => String(likes_count), align: 'right', dropOrder: 4},
  {heading: 'UUID', cell: ({uuid}) => uuid, dropOrder: 1},
  {heading: 'MESSAGE', cell: ({message}) => message},
]

export default class ActivityHome extends DatabaseCommand {
  static override summary = 'List the newest activities, as on the home page.'
  static override description = 'Expired activities are not listed.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> staging --limit 5',
    '<%= config.bin %> <%= command.id %> --before 2026-01-31T12:00:00.123456+00:00/5e0cfd4a-1f4b-4b5e-9f2e-0d3f6a7b8c9d',
  ]
  static override args = targetArg
  static override flags = {
    limit: Flags.integer({default: 20, description: 'Maximum number of activities, from 1 to 100.'}),
    before: Flags.string({
      description: 'List only activities older than this one.',
      helpValue: 'created_at/uuid',
    }),
  }

  async run(): Promise<{activities: Activity[]; before: string | null}> {
    const {args, flags} = await this.parse(ActivityHome)
    const [created_at = '', uuid = ''] = flags.before?.split('/') ?? []
    const context = await this.open(args.target)
    const start = flags.before === undefined ? undefined : {created_at, uuid}
    const activities = await inTransaction(context, (transaction) =>
      homeActivities(transaction, {limit: flags.limit, before: start}),
    )
    const last = activities.length < flags.limit ? undefined : activities.at(-1)
    const before = last === undefined ? null : `${last.created_at}/${last.uuid}`
    this.printStyled(renderTable(columns, activities, process.stdout.columns, styleOf('stdout')))
    if (before !== null) this.remark(`For older activities: --before ${before}`)
    return {activities, before}
  }
}
