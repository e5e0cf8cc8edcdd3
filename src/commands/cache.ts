import {Flags} from '@oclif/core'
import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {type CachedDatabase, clearCache, listCached} from '../lib/databases/cache.js'
import {renderCached} from '../lib/databases/report.js'
import {formatCount} from '../lib/text/format.js'
import {styleOf} from '../lib/text/style.js'

export default class Cache extends DatabaseCommand {
  static override summary = 'List or drop the databases that setup --cached copies.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --clear']
  static override args = targetArg
  static override flags = {
    list: Flags.boolean({char: 'l', description: 'List cached databases (the default).', exclusive: ['clear']}),
    clear: Flags.boolean({description: 'Drop all cached databases.'}),
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
    this.printStyled(renderCached(cached, process.stdout.columns, styleOf('stdout')))
    return {cached}
  }
}
