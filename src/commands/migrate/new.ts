import {Args} from '@oclif/core'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {hint} from '../../lib/cli/hints.js'
import {dirFlag} from '../../lib/cli/migration-flags.js'
import {surroundings} from '../../lib/cli/surroundings.js'
import {scratchServers} from '../../lib/dumps/scratch-servers.js'
import {newMigration, type NewMigrationResult} from '../../lib/migrations/new-migration.js'
import {workingFolder} from '../../lib/targets/account.js'

export default class MigrateNew extends BaseCommand {
  static override summary = 'Write an empty migration with the next version.'
  static override description =
    'The first one in a project with sql/schema.sql comes after a baseline: a migration that makes what that file has.'
  static override examples = ['<%= config.bin %> <%= command.id %> add_email_to_users']
  static override args = {
    name: Args.string({
      ignoreStdin: true,
      required: true,
      description: 'What the migration does, in a few words.',
    }),
  }
  static runsPgDump = 'later'
  static override flags = dirFlag

  async run(): Promise<NewMigrationResult> {
    const {args, flags} = await this.parse(MigrateNew)
    const reports = {progress: this.remark, warn: this.addWarning, signal: this.signal}
    const result = await newMigration({
      ...{cwd: workingFolder(), dir: flags.dir, name: args.name},
      now: new Date(),
      scratch: scratchServers(surroundings(), reports),
    })
    const {file, baseline} = result
    if (baseline !== null) {
      this.print(`Wrote ${baseline.file}`)
      const adopt = (target: string): string => hint(`migrate:adopt --to ${baseline.version}`, target)
      this.remark(`Where its tables are there already, record it: ${adopt('local')}, and ${adopt('prod')}`)
    }
    this.print(`Wrote ${file}`)
    return result
  }
}
