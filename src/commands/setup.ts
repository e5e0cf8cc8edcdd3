import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, forceFlag, targetArg} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import type {SetupResult} from '../lib/databases/setup-run.js'
import {setup, setupWork} from '../lib/databases/setup.js'
import {formatDuration} from '../lib/text/format.js'

export default class Setup extends DatabaseCommand {
  static override summary = 'Drop, create, load the schema and seed, in this order.'
  static override description =
    'The new database is made under another name and takes the place of the old one when it is complete: until then nothing is changed. On local the old one is kept for undo.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --force',
    '<%= config.bin %> <%= command.id %> --cached',
    '<%= config.bin %> <%= command.id %> --file dump.sql',
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> staging --confirm cruddur@db.example.com',
  ]
  static override args = targetArg
  static connectsFirst = 'maintenance'
  static override flags = {
    ...confirmFlag,
    ...forceFlag,
    cached: Flags.boolean({
      description: 'Copy the database that the same files made before, and keep a copy of a new one; on local.',
    }),
    refresh: Flags.boolean({description: 'With --cached: rebuild it.', dependsOn: ['cached']}),
    file: Flags.string({
      char: 'f',
      description: 'Make the database from this one SQL file, a dump for example, without a seed.',
      helpValue: 'path',
      exclusive: ['cached'],
    }),
    'dry-run': Flags.boolean({
      char: 'n',
      description: 'Make the new database and remove it again, to see whether the files run.',
      exclusive: ['cached'],
    }),
    'no-undo': Flags.boolean({description: 'Drop the old database instead of keeping it for undo.'}),
  }

  async run(): Promise<SetupResult> {
    const {args, flags} = await this.parse(Setup)
    const options = {
      cwd: process.cwd(),
      file: flags.file,
      dryRun: flags['dry-run'],
      force: flags.force,
      keep: !flags['no-undo'],
    }
    const context = await this.openGuarded(args.target, flags.confirm, (target) => setupWork(options, target))
    const result = await setup(
      {
        ...options,
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
    if (result.dryRun) {
      this.print('\nThe files run. Nothing was changed.')
      return result
    }

    const {origin} = context.target
    this.print(`\n${result.database} is ready. Open it: ${hint('connect', args.target)}`)
    if (from !== null)
      this.print(
        `Copied from the cache, which is ${formatDuration(Date.now() - Date.parse(from))} old, and so is now() in the seed. To rebuild it: ${hint('setup --cached --refresh')}`,
      )
    if (result.kept) this.print(`The old database is kept. To bring it back: ${hint('undo')}`)
    if (origin.kind === 'embedded') this.print(`Its URL for an application: ${hint('server:start --url')}`)
    return result
  }
}
