import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, forceFlag, targetArg} from '../lib/cli/database-command.js'
import {formatDuration} from '../lib/cli/format.js'
import {setup, type SetupResult} from '../lib/operations/setup.js'

export default class Setup extends DatabaseCommand {
  static override summary = 'Drop, create, load the schema and seed, in this order.'
  static override description =
    'The old database is only set aside until all is done: if a step fails, it is back as it was. On local it is kept for undo.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --force',
    '<%= config.bin %> <%= command.id %> --cached',
    '<%= config.bin %> <%= command.id %> staging --confirm cruddur@db.example.com',
  ]
  static override args = targetArg
  static connectsFirst = 'maintenance'
  static override flags = {
    ...confirmFlag,
    ...forceFlag,
    cached: Flags.boolean({description: 'Copy the database that the same files made before, and keep a copy of a new one; on local.'}),
    refresh: Flags.boolean({description: 'With --cached: make it anew.', dependsOn: ['cached']}),
    'no-undo': Flags.boolean({description: 'Keep nothing of the old database.'}),
  }

  async run(): Promise<SetupResult> {
    const {args, flags} = await this.parse(Setup)
    const context = await this.openGuarded(args.target, flags.confirm)
    const result = await setup(
      {
        cwd: process.cwd(),
        force: flags.force,
        keep: !flags['no-undo'],
        cache: flags.cached ? {refresh: flags.refresh} : undefined,
        onMessage: ({kind, text}) => {
          if (kind === 'warning') this.addWarning(text)
        },
        onStep: ({step, outcome, milliseconds}) =>
          this.print(`${step.padEnd(11)}  ${formatDuration(milliseconds).padStart(6)}  ${outcome}`),
      },
      context,
    )
    const {from, problem} = result.cache ?? {from: null, problem: null}
    if (problem !== null) this.addWarning(`Not kept for the next setup --cached: ${problem}.`)
    const {name, origin} = context.target
    const named = name === 'local' ? '' : ` ${name}`
    this.print(`\n${result.database} is ready. Open it: cruddur-db connect${named}`)
    if (from !== null) this.print(`It comes from the cache and is ${formatDuration(Date.now() - Date.parse(from))} old, now() in a seed too. Anew: cruddur-db setup --cached --refresh`)
    if (result.kept) this.print('The old one is kept. Swap it back: cruddur-db undo')
    if (origin.kind === 'embedded') this.print('Its URL for an application: cruddur-db server:start')
    return result
  }
}
