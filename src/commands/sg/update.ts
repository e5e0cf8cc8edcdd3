import {Flags} from '@oclif/core'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {renderRuleChange} from '../../lib/cli/rule-line.js'
import {updateSecurityGroup, type UpdateSecurityGroupResult} from '../../lib/operations/update-security-group.js'
import {readVariables} from '../../lib/target/variables.js'

export default class SgUpdate extends BaseCommand {
  static override summary = "Set one AWS security-group rule to this machine's public address, so that RDS lets it in."
  static override description =
    'The rule keeps its protocol, ports and description unless told otherwise. One that is right already is left alone.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --ip 203.0.113.9 --group-id sg-0123456789abcdef0 --rule-id sgr-0123456789abcdef0',
  ]
  // No flag has a default from the environment: it would stand in the help and in the manifest.
  static override flags = {
    'group-id': Flags.string({description: 'The security group; else DB_SG_ID.', helpValue: 'sg-…'}),
    'rule-id': Flags.string({description: 'The rule to set; else DB_SG_RULE_ID.', helpValue: 'sgr-…'}),
    ip: Flags.string({description: 'The address to let in; else GITPOD_IP, else what a public service sees.', helpValue: 'address'}),
    'from-port': Flags.integer({description: 'The first port, instead of the one it has.', helpValue: 'port', min: -1, max: 65_535}),
    'to-port': Flags.integer({description: 'The last port, instead of the one it has.', helpValue: 'port', min: -1, max: 65_535}),
    protocol: Flags.string({description: 'tcp, udp, icmp, icmpv6, all or a number, instead of the one it has.', helpValue: 'name'}),
    description: Flags.string({description: 'A description, instead of the one it has; empty for none.', helpValue: 'text'}),
    region: Flags.string({description: "The AWS region; else AWS_REGION, AWS_DEFAULT_REGION, else the profile's.", helpValue: 'name'}),
    'dry-run': Flags.boolean({description: 'Show what the rule is and what it would be, and change nothing.'}),
  }

  async run(): Promise<UpdateSecurityGroupResult> {
    const {flags} = await this.parse(SgUpdate)
    const {ip, protocol, description, region} = flags
    const result = await updateSecurityGroup(
      {
        groupId: flags['group-id'],
        ruleId: flags['rule-id'],
        fromPort: flags['from-port'],
        toPort: flags['to-port'],
        dryRun: flags['dry-run'],
        variables: readVariables(process.env, process.cwd()),
        ...{ip, protocol, description, region},
      },
      {progress: this.remark, signal: this.signal},
    )
    this.print(renderRuleChange(result))
    return result
  }
}
