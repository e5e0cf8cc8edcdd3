import type {OperationContext} from '../lib/access/context.js'
import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {hint} from '../lib/cli/hints.js'
import {surroundings} from '../lib/cli/surroundings.js'
import {doctor, type DoctorResult, type FileCheck} from '../lib/doctor/doctor.js'
import {renderLayer} from '../lib/doctor/layer-line.js'
import {checkSchema, schemaLayer} from '../lib/dumps/schema-check.js'
import {scratchServers} from '../lib/dumps/scratch-servers.js'
import {migrationsLayer} from '../lib/migrations/status.js'
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
  ]
  static override args = targetArg
  static runsPgDump = 'later'
  static override baseFlags = {}

  async run(): Promise<DoctorResult> {
    const {args} = await this.parse(Doctor)
    return doctor({
      name: args.target,
      open: () => this.open(args.target),
      variables: readVariables(process.env, workingFolder()),
      compareFiles: [
        {layer: 'migrations', check: (context) => this.migrations(context)},
        {layer: 'schema file', check: (context) => this.compareSchema(context)},
      ],
      onLayer: (layer) => this.printStyled(renderLayer(layer, styleOf('stdout'))),
      signal: this.signal,
    })
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
