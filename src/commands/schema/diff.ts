import {Args, Flags} from '@oclif/core'
import {DatabaseCommand} from '../../lib/cli/database-command.js'
import {changeFlags, changeOptions} from '../../lib/cli/change-flags.js'
import {surroundings} from '../../lib/cli/surroundings.js'
import {renderDiff, summaryOf} from '../../lib/dumps/diff-report.js'
import {
  diffSchemas,
  type SchemaDiffOptions,
  type SchemaDiffResult,
  schemaFiles,
  type SchemaSource,
} from '../../lib/dumps/schema-diff.js'
import {scratchServers} from '../../lib/dumps/scratch-servers.js'
import {CheckError} from '../../lib/errors.js'
import {diffAsSql} from '../../lib/migrations/diff-sql.js'
import type {SchemaChange} from '../../lib/schema-change/change.js'
import {changeSummary, isProved, renderOpen, requireProved} from '../../lib/schema-change/report.js'
import {scriptOf} from '../../lib/schema-change/sections.js'
import {displayPath} from '../../lib/sql-files/sql-file.js'
import {workingFolder} from '../../lib/targets/account.js'
import {isTargetName, localName} from '../../lib/targets/target.js'
import {styleOf} from '../../lib/text/style.js'

const source = (description: string) => Args.string({ignoreStdin: true, description})

export default class SchemaDiff extends DatabaseCommand {
  static override summary = 'Compare two schemas, for example of a database and of sql/schema.sql.'
  static override description =
    'Each is a target, a SQL file or a folder with sql/schema.sql. Files are loaded into a throw-away database on the embedded server. If the schemas differ, the exit code is 9. With --sql, it is 9 only if the SQL is not proved. No target is changed.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod',
    '<%= config.bin %> <%= command.id %> local prod',
    '<%= config.bin %> <%= command.id %> prod db/structure.sql --owners',
    '<%= config.bin %> <%= command.id %> prod --sql',
  ]
  static override args = {
    a: source('A target, file or folder. Default: local.'),
    b: source('A target, file or folder. Default: sql/schema.sql.'),
  }
  static runsPgDump = 'first'
  static override flags = {
    owners: Flags.boolean({description: 'Compare the owners of objects and the privileges on them, too.'}),
    sql: Flags.boolean({
      description: 'Print the SQL that changes the first schema into the second, tried on a copy with sample rows.',
      exclusive: ['owners'],
    }),
    ...changeFlags,
  }

  async run(): Promise<SchemaDiffResult | SchemaChange> {
    const {args, flags} = await this.parse(SchemaDiff)
    const sources = await this.sources(args)
    const reports = {progress: this.remark, warn: this.addWarning, signal: this.signal}
    const scratch = scratchServers(surroundings(), reports)
    if (flags.sql)
      return this.shownSql(
        await diffAsSql({
          ...{...sources, cwd: workingFolder(), scratch},
          ...changeOptions(flags, this.interruption),
        }),
      )
    const result = await diffSchemas({...sources, owners: flags.owners, cwd: workingFolder(), scratch})
    if (result.differences.length === 0 && result.skipped.length === 0) {
      this.print(summaryOf(result))
      return result
    }
    this.printStyled(renderDiff(result, styleOf('stdout')))
    throw new CheckError(summaryOf(result), {code: 'schema_differs', details: {...result}})
  }

  private shownSql(change: SchemaChange): SchemaChange {
    this.printRaw(scriptOf(change.steps))
    if (!isProved(change)) process.stderr.write(`${renderOpen(change, styleOf('stderr'), process.stderr.columns)}\n`)
    requireProved(change, {details: {...change}})
    this.remark(changeSummary(change))
    return change
  }

  /** A single file is compared with local, a single target with sql/schema.sql. */
  private async sources({
    a = localName,
    b,
  }: {
    a?: string
    b?: string
  }): Promise<Pick<SchemaDiffOptions, 'a' | 'b' | 'database'>> {
    const [first, second] = b === undefined && !isTargetName(a) && !a.includes('://') ? [localName, a] : [a, b]
    const sources = {a: await this.source(first), b: await this.source(second)}
    const [database = ''] = Object.values(sources).flatMap((found) =>
      'context' in found ? [found.context.target.url.database] : [],
    )
    return {...sources, database}
  }

  private async source(named: string | undefined): Promise<SchemaSource> {
    // A URL may have a password, so it is not taken for a path, which an error would print.
    if (named !== undefined && (isTargetName(named) || named.includes('://')))
      return {label: named, context: await this.open(named)}
    const files = schemaFiles(workingFolder(), named)
    return {label: displayPath(files.path, workingFolder()), files}
  }
}
