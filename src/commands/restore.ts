import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, forceFlag, targetArg} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {renderSetup, renderStep} from '../lib/databases/report.js'
import type {SetupResult} from '../lib/databases/setup-run.js'
import {setup, setupWork} from '../lib/databases/setup.js'
import {progressLine} from '../lib/sql-files/report.js'
import {workingFolder} from '../lib/targets/account.js'
import {ProgressLine} from '../lib/text/progress-line.js'

export default class Restore extends DatabaseCommand {
  static override summary = 'Replace the database with one that is built from a dump.'
  static override description =
    'The file is one of dump, or of pg_dump in its plain format (.sql, .sql.gz or .sql.zst). It is loaded into a new database under another name, which then replaces the old one. Until then nothing is changed. On local, the old database is kept for undo.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --file shop.sql.gz',
    '<%= config.bin %> <%= command.id %> --file prod.sql.gz --force --no-undo',
    '<%= config.bin %> <%= command.id %> staging --file prod.sql.gz --confirm cruddur@db.example.com',
  ]
  static override args = targetArg
  static connectsFirst = 'maintenance'
  static override flags = {
    ...confirmFlag,
    ...forceFlag,
    file: Flags.string({char: 'f', description: 'The dump.', helpValue: 'path', required: true}),
    'no-undo': Flags.boolean({description: 'Drop the old database instead of keeping it for undo.'}),
  }

  async run(): Promise<SetupResult> {
    const {args, flags} = await this.parse(Restore)
    const {file, force} = flags
    const options = {cwd: workingFolder(), file, force, keep: !flags['no-undo']}
    const context = await this.openGuarded(args.target, flags.confirm, (target) => setupWork(options, target))
    const line = new ProgressLine()
    const result = await setup(
      {
        ...options,
        isDump: true,
        onMessage: ({kind, text}) => {
          line.erase()
          if (kind === 'warning') this.addWarning(text)
        },
        onProgress: (progress) => line.draw((seconds) => progressLine(progress, seconds)),
        onStep: (step) => {
          line.erase()
          if (step.step !== 'seed') this.print(renderStep(step))
        },
      },
      context,
    ).finally(() => line.end())
    const embedded = context.target.origin.kind === 'embedded'
    this.print(renderSetup(result, embedded, (command) => hint(command, args.target)))
    return result
  }
}
