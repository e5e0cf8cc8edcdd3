import {DatabaseCommand, namedTarget} from '../../lib/cli/database-command.js'
import {hint} from '../../lib/cli/hints.js'
import {draftPull, type PullDraft} from '../../lib/pull/draft.js'
import {renderDraft} from '../../lib/pull/report.js'
import {workingFolder} from '../../lib/targets/account.js'

export default class PullNew extends DatabaseCommand {
  static override summary = 'Write a SELECT for each table of a source, with a draft of its masks.'
  static override description =
    'Columns whose name or type suggests a person are masked. Read the files before you pull: names can mislead. Existing files are left as they are.'
  static override examples = ['<%= config.bin %> <%= command.id %> prod']
  static override args = {source: namedTarget({required: true})}

  async run(): Promise<PullDraft> {
    const {args} = await this.parse(PullNew)
    const result = await draftPull(workingFolder(), await this.open(args.source))
    this.print(renderDraft(result, hint))
    return result
  }
}
