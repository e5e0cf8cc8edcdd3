import {Flags} from '@oclif/core'
import {confirmFlag, DatabaseCommand, forceFlag, namedTarget} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {setFlag, setVariables} from '../lib/cli/set-flag.js'
import {UsageError} from '../lib/errors.js'
import {pull, type PullResult, pullWork} from '../lib/pull/pull.js'
import {pullProgress, renderPull} from '../lib/pull/report.js'
import {workingFolder} from '../lib/targets/account.js'
import {localName} from '../lib/targets/target.js'
import {ProgressLine} from '../lib/text/progress-line.js'

export default class Pull extends DatabaseCommand {
  static override summary = 'Build the local database from the schema and chosen rows of another one.'
  static override description =
    'What comes of each table is a SELECT in sql/pull, for example sql/pull/users.sql. It runs on the source, so that only its result leaves it: masked columns, and a part of the rows. A table without a file comes empty. The source is only read.'
  static override examples = [
    '<%= config.bin %> pull:new prod',
    '<%= config.bin %> <%= command.id %> prod',
    '<%= config.bin %> <%= command.id %> prod --set days=90 --table countries',
    '<%= config.bin %> <%= command.id %> staging --all',
  ]
  static override args = {source: namedTarget({required: true})}
  static override flags = {
    ...confirmFlag,
    ...forceFlag,
    ...setFlag,
    table: Flags.string({
      description: 'Pull all rows of this table as they are. Written as in SQL.',
      helpValue: 'name',
      multiple: true,
      multipleNonGreedy: true,
    }),
    all: Flags.boolean({description: 'Pull all tables without a file as they are.'}),
    'keep-orphans': Flags.boolean({
      description: 'Stop if rows refer to rows that were not pulled, instead of removing them.',
    }),
    into: Flags.string({description: 'The database to replace. Only local.', default: localName, helpValue: 'target'}),
    'no-undo': Flags.boolean({description: 'Drop the old database instead of keeping it for undo.'}),
  }

  async run(): Promise<PullResult> {
    const {args, flags} = await this.parse(Pull)
    for (const [name, isRight] of [
      [args.source, args.source !== localName],
      [flags.into, flags.into === localName],
    ] as const)
      if (!isRight)
        throw new UsageError(
          `A pull goes from another database into ${localName}, and not so with ${name}. Nothing was changed.`,
          {
            code: 'pull_direction',
          },
        )
    const replacing = {force: flags.force, keep: !flags['no-undo']}
    const source = await this.open(args.source)
    const local = await this.openGuarded(localName, flags.confirm, (target) =>
      pullWork(replacing, source.target, target),
    )
    const line = new ProgressLine()
    const result = await pull(
      {
        ...{...replacing, cwd: workingFolder(), variables: setVariables(flags.set)},
        ...{all: flags.all, tables: flags.table ?? [], keepOrphans: flags['keep-orphans']},
        onProgress: (progress) => line.draw(() => pullProgress(progress)),
      },
      source,
      local,
    ).finally(() => line.end())
    this.print(renderPull(result, hint))
    return result
  }
}
