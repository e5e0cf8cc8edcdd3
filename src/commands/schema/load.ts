import {Flags} from '@oclif/core'
import {confirmFlag, scriptFlags, targetArg} from '../../lib/cli/database-command.js'
import {listTables} from '../../lib/cli/effect-words.js'
import {lockFlags} from '../../lib/cli/lock-flags.js'
import {ScriptCommand} from '../../lib/cli/script-command.js'
import {setVariables} from '../../lib/cli/set-flag.js'
import {loadSchema, schemaWork, type SqlFileResult} from '../../lib/sql-files/run-sql-file.js'
import {migrationsIn} from '../../lib/migrations/mark-applied.js'
import {workingFolder} from '../../lib/targets/account.js'

export default class SchemaLoad extends ScriptCommand {
  static override summary = 'Load the schema from sql/schema.sql.'
  static override description =
    'If a statement fails, nothing is changed. If the file drops or truncates tables that hold rows, you must confirm first.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --file db/structure.sql',
    '<%= config.bin %> <%= command.id %> prod --confirm cruddur@db.example.com',
  ]
  static override args = targetArg
  static connectsFirst = 'target'
  static override flags = {
    ...confirmFlag,
    force: Flags.boolean({
      description: 'Drop or truncate tables that hold rows without confirmation, unless the target is protected.',
    }),
    ...scriptFlags,
    ...lockFlags,
  }

  async run(): Promise<SqlFileResult> {
    const {args, flags} = await this.parse(SchemaLoad)
    const context = await this.openGuarded(args.target, flags.confirm, () =>
      schemaWork({...flags, variables: setVariables(flags.set), cwd: workingFolder()}, {signal: this.signal}),
    )
    const completion = await migrationsIn({cwd: workingFolder(), file: flags.file}, this.addWarning)
    const {result, summary} = await this.report(flags, (options) =>
      loadSchema(
        {
          ...options,
          completion,
          force: flags.force,
          onFilled: (tables) => this.remark(`These tables hold rows: ${listTables(tables)}.`),
        },
        context,
      ),
    )
    this.print(`Loaded the schema into ${result.database}: ${summary}`)
    return result
  }
}
