import {Args, Flags} from '@oclif/core'
import {DatabaseCommand} from '../../lib/cli/database-command.js'
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
import {displayPath} from '../../lib/sql-files/sql-file.js'
import {workingFolder} from '../../lib/targets/account.js'
import {isTargetName, localName} from '../../lib/targets/target.js'
import {styleOf} from '../../lib/text/style.js'

const source = (description: string) => Args.string({ignoreStdin: true, description})

export default class SchemaDiff extends DatabaseCommand {
  static override summary = 'Compare two schemas, for example of a database and of sql/schema.sql.'
  static override description =
    'Each is a target, a SQL file or a folder with sql/schema.sql. Files are loaded into a throw-away database on the embedded server. If the schemas differ, the exit code is 9. No target is changed.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod',
    '<%= config.bin %> <%= command.id %> local prod',
    '<%= config.bin %> <%= command.id %> prod db/structure.sql --owners',
  ]
  static override args = {
    a: source('A target, file or folder. Default: local.'),
    b: source('A target, file or folder. Default: sql/schema.sql.'),
  }
  static runsPgDump = 'first'
  static override flags = {
    owners: Flags.boolean({description: 'Compare the owners of objects and the privileges on them, too.'}),
  }

  async run(): Promise<SchemaDiffResult> {
    const {args, flags} = await this.parse(SchemaDiff)
    const result = await diffSchemas({
      ...(await this.sources(args)),
      owners: flags.owners,
      cwd: workingFolder(),
      scratch: scratchServers(surroundings(), {progress: this.remark, warn: this.addWarning, signal: this.signal}),
    })
    if (result.differences.length === 0 && result.skipped.length === 0) {
      this.print(summaryOf(result))
      return result
    }
    this.printStyled(renderDiff(result, styleOf('stdout')))
    throw new CheckError(summaryOf(result), {code: 'schema_differs', details: {...result}})
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
