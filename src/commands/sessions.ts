import {Flags} from '@oclif/core'
import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {filterFlags, filterOf} from '../lib/cli/session-flags.js'
import {spreadWatch, watchFlag} from '../lib/cli/watch-flag.js'
import {exitCodes} from '../lib/errors.js'
import {chooseColumns, sorterOf} from '../lib/sessions/columns.js'
import {listSessions, type SessionList} from '../lib/sessions/list.js'
import {cutList, renderList, sessionsCsv} from '../lib/sessions/table.js'
import {parseDuration} from '../lib/text/duration.js'
import {formatCount} from '../lib/text/format.js'
import {styleOf} from '../lib/text/style.js'

export default class Sessions extends DatabaseCommand {
  static override summary = 'List who is connected, what they do, and who blocks whom.'
  static override description =
    'Lists the sessions of all databases on the server, without its own. Problems come first. Also counts closed sessions.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod --blocking',
    '<%= config.bin %> <%= command.id %> prod --watch 5s',
    "<%= config.bin %> <%= command.id %> --state 'idle in transaction' --older-than 5m",
    '<%= config.bin %> <%= command.id %> --columns pid,user,query --sort user',
  ]
  static override args = targetArg
  static connectsFirst = 'target'
  static override flags = {
    all: Flags.boolean({char: 'a', description: "Also list the server's background workers."}),
    blocking: Flags.boolean({description: 'Show who blocks whom, as a tree.', exclusive: ['all', 'sort']}),
    watch: watchFlag,
    ...filterFlags,
    sort: Flags.string({
      description: 'Sort by this column, longest times first. -column reverses the order.',
      helpValue: 'column',
    }),
    columns: Flags.string({
      description: 'Show these columns in this order. -column leaves one out.',
      helpValue: 'a,b,…',
    }),
    limit: Flags.integer({
      description: 'Show so many sessions; 0 shows all. On a terminal as many as it has lines, otherwise all.',
      helpValue: 'n',
      min: 0,
    }),
    csv: Flags.boolean({description: 'Print CSV: all columns, or those of --columns.', exclusive: ['json']}),
  }

  async run(): Promise<SessionList | undefined> {
    const {args, flags} = await this.parse(Sessions, spreadWatch(this.argv))
    const columns = chooseColumns(flags.columns)
    const sort = flags.sort === undefined ? undefined : sorterOf(flags.sort)
    const options = {all: flags.all, blocking: flags.blocking, filter: filterOf(flags), warn: this.addWarning}
    if (flags.watch !== undefined) {
      const {watchOnTerminal} = await import('../lib/sessions/watch/watch.js')
      const {interrupted} = await watchOnTerminal(
        {...options, interval: parseDuration(flags.watch, '--watch'), columns, sort: flags.sort},
        () => this.open(args.target),
      )
      // The user has ended the view, so an error message would only confuse.
      if (interrupted) process.exitCode = exitCodes.interrupted
      return undefined
    }

    const all = await listSessions({...options, sort}, await this.open(args.target))
    const screen = flags.csv || flags.json || flags.blocking ? undefined : process.stdout.rows
    const {list, left} = cutList(all, flags.limit, screen)
    if (flags.csv) this.printRaw(sessionsCsv(list.sessions, columns))
    else
      this.printStyled(renderList(list, {blocking: flags.blocking, columns}, process.stdout.columns, styleOf('stdout')))
    if (left > 0) this.remark(`${formatCount(left, 'session')} more. To show all: --limit 0`)
    return list
  }
}
