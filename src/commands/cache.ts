import {Flags} from '@oclif/core'
import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {formatBytes, formatCount, formatDuration} from '../lib/cli/format.js'
import {styleOf} from '../lib/cli/style.js'
import {type Column, renderTable} from '../lib/cli/table.js'
import {type CachedDatabase, clearCache, listCached} from '../lib/operations/setup-cache.js'

const columns: Column<CachedDatabase>[] = [
  {heading: 'DATABASE', cell: ({name}) => name},
  {heading: 'MADE', cell: ({at, complete}) => (complete ? `${formatDuration(Date.now() - Date.parse(at))} ago` : 'not completed')},
  {heading: 'SIZE', cell: ({bytes}) => (bytes === null ? '' : formatBytes(bytes)), align: 'right', dropOrder: 1},
  {heading: 'FROM', cell: ({source}) => source},
]

export default class Cache extends DatabaseCommand {
  static override summary = 'Show what setup --cached has kept on the server, or remove it.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --clear']
  static override args = targetArg
  static override flags = {
    list: Flags.boolean({description: 'Show what is kept; so it is without a flag.', exclusive: ['clear']}),
    clear: Flags.boolean({description: 'Drop all that is kept.'}),
  }

  async run(): Promise<{cached: CachedDatabase[]} | {cleared: string[]}> {
    const {args, flags} = await this.parse(Cache)
    const context = await this.open(args.target)
    if (flags.clear) {
      const result = await clearCache(context)
      this.print(`Dropped ${formatCount(result.cleared.length, 'cached database')}.`)
      return result
    }

    const cached = await listCached(context)
    this.print(cached.length === 0 ? 'Nothing is kept.' : renderTable(columns, cached, process.stdout.columns, styleOf('stdout')))
    return {cached}
  }
}
