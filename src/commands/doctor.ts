import {DatabaseCommand, targetArg} from '../lib/cli/database-command.js'
import {doctor, type DoctorResult} from '../lib/doctor/doctor.js'
import {renderLayer} from '../lib/doctor/layer-line.js'
import {readVariables} from '../lib/targets/variables.js'
import {styleOf} from '../lib/text/style.js'

export default class Doctor extends DatabaseCommand {
  static override summary =
    'Look at every layer between this machine and a database, and name the mend of the first that fails.'
  static override description =
    'Where the URL came from, URL, DNS, security group (where DB_SG_ID is set), TCP, TLS, authentication, server, database, protection, schema, free connections. A failing layer is exit 9.'
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
      variables: readVariables(process.env, process.cwd()),
      onLayer: (layer) => this.print(renderLayer(layer, styleOf('stdout'))),
      signal: this.signal,
    })
  }
}
