import {Flags} from '@oclif/core'
import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {StreamOutput} from '../lib/dumps/data/output.js'
import {dump, type DumpResult} from '../lib/dumps/dump.js'
import {dumpProgressLine, dumpSummary} from '../lib/dumps/report.js'
import {UsageError} from '../lib/errors.js'
import {workingFolder} from '../lib/targets/account.js'
import {ProgressLine} from '../lib/text/progress-line.js'

const tableHelp = 'Written as in SQL, with or without its schema. Can be given several times.'

export default class Dump extends DatabaseCommand {
  static override summary = 'Write the schema and the data of a database as SQL.'
  static override description =
    'Everything is as it was at one moment, while others go on writing. No Postgres client is needed, and the database is not changed. The file can be loaded with restore, schema:load and psql.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --file shop.sql.gz',
    '<%= config.bin %> <%= command.id %> prod --exclude-table-data events --file prod.sql.gz',
    '<%= config.bin %> <%= command.id %> --data-only --table users --table \'sales."Order"\' > rows.sql',
  ]
  static override args = targetArg
  static connectsFirst = 'target'
  static runsPgDump = 'first'
  static override flags = {
    file: Flags.string({
      char: 'f',
      description:
        'The file to write; a name with .gz or .zst at its end is compressed. Default: stdout, unless it is a terminal.',
      helpValue: 'path',
    }),
    'data-only': Flags.boolean({
      description:
        'Leave out the schema. The rows are in the order of the foreign keys, so that they can be loaded into empty tables.',
    }),
    table: Flags.string({
      description: `Dump only this table, with its partitions. ${tableHelp}`,
      helpValue: 'table',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'exclude-table-data': Flags.string({
      description: `Leave out the rows of this table. ${tableHelp}`,
      helpValue: 'table',
      multiple: true,
      multipleNonGreedy: true,
    }),
    force: Flags.boolean({description: 'Replace the file if it exists.', dependsOn: ['file']}),
    owners: Flags.boolean({description: 'Include the owners of objects and the privileges on them.'}),
  }

  async run(): Promise<DumpResult> {
    const {args, flags} = await this.parse(Dump)
    if (flags.file === undefined) refuseStdout(this.jsonEnabled())
    const context = await this.open(args.target)
    const line = new ProgressLine()
    const result = await dump(
      {
        cwd: workingFolder(),
        to: flags.file ?? new StreamOutput(process.stdout),
        force: flags.force,
        owners: flags.owners,
        dataOnly: flags['data-only'],
        tables: flags.table,
        withoutRows: flags['exclude-table-data'],
        onProgress: (progress) => line.draw((seconds) => dumpProgressLine(progress, seconds)),
      },
      context,
    ).finally(() => line.end())
    if (result.file === null) this.remark(dumpSummary(result))
    else this.print(dumpSummary(result))
    return result
  }
}

function refuseStdout(json: boolean): void {
  if (!json && !process.stdout.isTTY) return
  throw new UsageError(
    json ? 'With --json, a dump needs a file.' : 'A dump is not printed on a terminal, because it has all rows.',
    {code: 'file_needed', next: ['Use --file with a name, for example --file dump.sql.gz']},
  )
}
