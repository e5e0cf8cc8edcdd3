import {Flags} from '@oclif/core'
import type {OperationContext} from '../lib/access/context.js'
import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {surroundings} from '../lib/cli/surroundings.js'
import {checkup, type CheckupResult} from '../lib/doctor/checkup/checkup.js'
import {renderCheckup} from '../lib/doctor/checkup/report.js'
import {doctor, type DoctorResult, type FileCheck} from '../lib/doctor/doctor.js'
import {renderLayer} from '../lib/doctor/layer-line.js'
import {checkSchema, schemaLayer} from '../lib/dumps/schema-check.js'
import {scratchServers} from '../lib/dumps/scratch-servers.js'
import {migrationsLayer} from '../lib/migrations/status.js'
import {exitCodes} from '../lib/errors.js'
import {workingFolder} from '../lib/targets/account.js'
import {readVariables} from '../lib/targets/variables.js'
import {styleOf} from '../lib/text/style.js'

export default class Doctor extends DatabaseCommand {
  static override summary =
    'Check every layer between this machine and the database, and suggest a fix for the first that fails.'
  static override description =
    'The layers are: source of the URL, URL, DNS, security group (if DB_SG_ID is set), TCP, TLS, authentication, server, database, protection, schema, free connections, migrations, and whether the schema is that of sql/schema.sql. If a layer fails, the exit code is 9.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod',
    '<%= config.bin %> <%= command.id %> prod --json',
    '<%= config.bin %> <%= command.id %> prod --health',
  ]
  static override args = targetArg
  static runsPgDump = 'later'
  static override baseFlags = {}
  static override flags = {
    health: Flags.boolean({description: 'Check the health of the database instead: what makes it slow, or stop.'}),
  }

  async run(): Promise<DoctorResult | CheckupResult> {
    const {args, flags} = await this.parse(Doctor)
    if (flags.health) return this.health(args.target)
    return doctor({
      name: args.target,
      open: () => this.open(args.target),
      variables: readVariables(process.env, workingFolder()),
      compareFiles: [
        {layer: 'migrations', check: (context) => this.migrations(context)},
        {layer: 'schema file', check: (context) => this.compareSchema(context)},
      ],
      onLayer: (layer) => this.printStyled(renderLayer(layer, styleOf('stdout'), process.stdout.columns)),
      signal: this.signal,
    })
  }

  private async health(name: string): Promise<CheckupResult> {
    const result = await checkup(await this.open(name))
    this.printStyled(renderCheckup(result, process.stdout.columns, styleOf('stdout')))
    if (result.checks.some(({status}) => status === 'urgent')) process.exitCode = exitCodes.check
    return result
  }

  private migrations(context: OperationContext): ReturnType<FileCheck['check']> {
    return migrationsLayer({cwd: workingFolder(), command: hint('migrate:status', context.target.name)}, context)
  }

  /** Only on a server that is there: a check creates none. */
  private async compareSchema(context: OperationContext): ReturnType<FileCheck['check']> {
    const reports = {progress: () => undefined, warn: () => undefined, signal: this.signal}
    const check = await checkSchema(context, {
      cwd: workingFolder(),
      scratch: scratchServers(surroundings(), reports, {create: false}),
    })
    return check && schemaLayer(check, hint(`schema:diff ${context.target.name}`))
  }
}
