import {Flags} from '@oclif/core'
import {BaseCommand} from '../lib/cli/base-command.js'
import {namedTarget} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {surroundings} from '../lib/cli/surroundings.js'
import {type ListedTarget, listTargets, type ShownTarget, showTarget} from '../lib/doctor/show-target.js'
import {renderTarget, renderTargets} from '../lib/doctor/target-table.js'
import {styleOf} from '../lib/text/style.js'

export default class TargetCommand extends BaseCommand {
  static override summary = "Show a target's URL, and where each part of it comes from."
  static override description =
    'Without a name, all targets that are set are listed. No connection is made, and no server is started.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod',
    'DATABASE_URL="$(<%= config.bin %> <%= command.id %> prod --show-password)" npm start',
  ]
  static override args = {target: namedTarget()}
  static override flags = {
    'show-password': Flags.boolean({description: 'Print the URL with its password, for another program.'}),
  }

  async run(): Promise<ShownTarget | {targets: ListedTarget[]}> {
    const {args, flags} = await this.parse(TargetCommand)
    if (args.target === undefined && !flags['show-password']) {
      const targets = await listTargets(surroundings())
      this.printStyled(renderTargets(targets, process.stdout.columns, styleOf('stdout')))
      return {targets}
    }

    const shown = await showTarget(args.target ?? 'local', flags['show-password'], surroundings())
    if (flags['show-password']) this.print(shown.url ?? '')
    else this.printStyled(renderTarget(shown, hint('server:start'), process.stdout.columns, styleOf('stdout')))
    return shown
  }
}
