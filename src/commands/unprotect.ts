import {confirmFlag, DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {type ProtectResult, unprotect, unprotectWork} from '../lib/databases/protect.js'

export default class Unprotect extends DatabaseCommand {
  static override summary = 'Remove the marker that protect has set.'
  static override description = 'A target other than local stays protected by its name.'
  static override examples = ['<%= config.bin %> <%= command.id %> prod --confirm cruddur@db.example.com']
  static override args = targetArg
  static override flags = confirmFlag

  async run(): Promise<ProtectResult> {
    const {args, flags} = await this.parse(Unprotect)
    const result = await unprotect(await this.openGuarded(args.target, flags.confirm, () => unprotectWork))
    this.print(
      result.changed ? `Unprotected ${result.database}.` : `${result.database} has no marker. Nothing was changed.`,
    )
    return result
  }
}
