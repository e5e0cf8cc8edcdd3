import {Flags} from '@oclif/core'
import {DatabaseCommand, targetArg} from '../../lib/cli/database-command.js'
import {dumpSchema, type SchemaDumpResult} from '../../lib/dumps/schema-dump.js'
import {workingFolder} from '../../lib/targets/account.js'
import {formatBytes} from '../../lib/text/format.js'

export default class SchemaDump extends DatabaseCommand {
  static override summary = 'Write the schema of a database as SQL.'
  static override description =
    'The same schema gives the same text, on every server from Postgres 13 to 18. No Postgres client is needed. The database is not changed.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod --file sql/schema.sql --force',
    '<%= config.bin %> <%= command.id %> prod --owners',
  ]
  static override args = targetArg
  static connectsFirst = 'target'
  static runsPgDump = 'first'
  static override flags = {
    file: Flags.string({char: 'f', description: 'The file to write. Default: stdout.', helpValue: 'path'}),
    force: Flags.boolean({description: 'Replace the file if it exists.', dependsOn: ['file']}),
    owners: Flags.boolean({description: 'Include the owners of objects and the privileges on them.'}),
  }

  async run(): Promise<SchemaDumpResult> {
    const {args, flags} = await this.parse(SchemaDump)
    const result = await dumpSchema({...flags, cwd: workingFolder(), env: process.env}, await this.open(args.target))
    const {sql, file, bytes, database} = result
    if (sql !== undefined) this.printRaw(sql)
    else this.print(`Wrote the schema of ${database} to ${file}: ${formatBytes(bytes)}.`)
    return result
  }
}
