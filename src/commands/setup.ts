import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, forceFlag, runFlags, targetArg} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {setVariables} from '../lib/cli/set-flag.js'
import {renderSetup, renderStep} from '../lib/databases/report.js'
import type {SetupResult} from '../lib/databases/setup-run.js'
import {setup, setupWork} from '../lib/databases/setup.js'
import {migrationsIn} from '../lib/migrations/mark-applied.js'
import {progressLine} from '../lib/sql-files/report.js'
import {workingFolder} from '../lib/targets/account.js'
import {ProgressLine} from '../lib/text/progress-line.js'

export default class Setup extends DatabaseCommand {
  static override summary = 'Build the database from its SQL files.'
  static override description =
    'It creates a new database under another name, loads the schema and the seed, and then replaces the old database. Until then nothing is changed. On local, the old database is kept for undo.'
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
      description: 'If these files were built before, copy that database; otherwise build and cache it. Only on local.',
    }),
    refresh: Flags.boolean({description: 'With --cached: rebuild the cached database.', dependsOn: ['cached']}),
    file: Flags.string({
      char: 'f',
      description: 'Build from this one SQL file, for example a dump, without a seed.',
      helpValue: 'path',
      exclusive: ['cached'],
    }),
    'dry-run': Flags.boolean({
      char: 'n',
      description: 'Test the files: build the new database, then remove it.',
      exclusive: ['cached'],
    }),
    ...runFlags,
    'no-undo': Flags.boolean({description: 'Drop the old database instead of keeping it for undo.'}),
  }

  async run(): Promise<SetupResult> {
    const {args, flags} = await this.parse(Setup)
    const {file, force, 'dry-run': dryRun} = flags
    const options = {
      ...{cwd: workingFolder(), file, dryRun, force},
      transaction: !flags['no-transaction'],
      variables: setVariables(flags.set),
      keep: !flags['no-undo'],
    }
    const context = await this.openGuarded(args.target, flags.confirm, (target) => setupWork(options, target))
    const line = new ProgressLine()
    const result = await setup(
      {
        ...options,
        completion: await migrationsIn({cwd: options.cwd, file}, this.addWarning),
        cache: flags.cached ? {refresh: flags.refresh} : undefined,
        onMessage: ({kind, text}) => {
          line.erase()
          if (kind === 'warning') this.addWarning(text)
        },
        onStep: (step) => {
          line.erase()
          this.print(renderStep(step))
        },
        onProgress: (progress) => line.draw((seconds) => progressLine(progress, seconds)),
      },
      context,
    ).finally(() => line.end())
    const problem = result.cache?.problem ?? null
    if (problem !== null) this.addWarning(`The database was not cached: ${problem}.`)
    const embedded = context.target.origin.kind === 'embedded'
    this.print(renderSetup(result, embedded, (command) => hint(command, args.target)))
    return result
  }
}
