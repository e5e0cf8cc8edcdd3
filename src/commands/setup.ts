import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {formatDuration} from '../lib/cli/table.js'
import {setup, type SetupResult} from '../lib/operations/setup.js'

export default class Setup extends DatabaseCommand {
  static override summary = 'Drop, create, load the schema and seed, in this order.'
  static override description = 'Stops at the first step that fails, with its exit code.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --force',
    '<%= config.bin %> <%= command.id %> staging --confirm cruddur@db.example.com',
  ]
  static override args = targetArg
  static override flags = {
    ...confirmFlag,
    force: Flags.boolean({description: 'End the sessions that are connected.'}),
  }

  async run(): Promise<SetupResult> {
    const {args, flags} = await this.parse(Setup)
    const context = await this.openConfirmed(args.target, flags.confirm)
    const result = await setup(
      {
        cwd: process.cwd(),
        force: flags.force,
        onStep: ({step, outcome, milliseconds}) =>
          this.print(`${step.padEnd(11)}  ${formatDuration(milliseconds).padStart(6)}  ${outcome}`),
      },
      context,
    )
    const {name, origin} = context.target
    const named = name === 'local' ? '' : ` ${name}`
    this.print(`\n${result.database} is ready. Open it: cruddur-db connect${named}`)
    if (origin.kind === 'embedded') this.print('Its URL for an application: cruddur-db server:start')
    return result
  }
}
