import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {doctor, type DoctorResult} from '../lib/doctor/doctor.js'
import {renderLayer} from '../lib/doctor/layer-line.js'
import {workingFolder} from '../lib/targets/account.js'
import {readVariables} from '../lib/targets/variables.js'
import {styleOf} from '../lib/text/style.js'

export default class Doctor extends DatabaseCommand {
  static override summary =
    'Check every layer between this machine and the database, and suggest a fix for the first that fails.'
  static override description =
    'The layers are: source of the URL, URL, DNS, security group (if DB_SG_ID is set), TCP, TLS, authentication, server, database, protection, schema, free connections. If a layer fails, the exit code is 9.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod',
    '<%= config.bin %> <%= command.id %> prod --json',
  ]
  static override args = targetArg
  static override baseFlags = {}

  async run(): Promise<DoctorResult> {
    const {args} = await this.parse(Doctor)
    return doctor({
      name: args.target,
      open: () => this.open(args.target),
      variables: readVariables(process.env, workingFolder()),
      onLayer: (layer) => this.printStyled(renderLayer(layer, styleOf('stdout'))),
      signal: this.signal,
    })
  }
}
