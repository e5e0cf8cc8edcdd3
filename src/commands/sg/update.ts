import {Flags} from '@oclif/core'
import {renderRuleChanges} from '../../lib/aws/rule-line.js'
import {updateSecurityGroup, type UpdateSecurityGroupResult} from '../../lib/aws/update-security-group.js'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {readVariables} from '../../lib/targets/variables.js'

export default class SgUpdate extends BaseCommand {
  static override summary = "Set an AWS security-group rule to this machine's public address, so that RDS lets it in."
  static override description =
    'The rule keeps its protocol, ports and description unless told otherwise. One that is right already is left alone.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --group-id sg-0123456789abcdef0 --description "my laptop" --create',
    '<%= config.bin %> <%= command.id %> --ip 203.0.113.9 --group-id sg-0123456789abcdef0 --rule-id sgr-0123456789abcdef0',
  ]
  // No flag has a default from the environment: it would stand in the help and in the manifest.
  static override flags = {
    'group-id': Flags.string({description: 'The security group; else DB_SG_ID.', helpValue: 'sg-…'}),
    'rule-id': Flags.string({description: 'The rule to set; else DB_SG_RULE_ID.', helpValue: 'sgr-…'}),
    ip: Flags.string({
      description: 'The address to let in; else GITPOD_IP, else what a public service sees.',
      helpValue: 'address',
    }),
    'from-port': Flags.integer({
      description: 'The first port, instead of the one it has.',
      helpValue: 'port',
      min: -1,
      max: 65_535,
    }),
    'to-port': Flags.integer({
      description: 'The last port, instead of the one it has.',
      helpValue: 'port',
      min: -1,
      max: 65_535,
    }),
    protocol: Flags.string({
      description: 'tcp, udp, icmp, icmpv6, all or a number, instead of the one it has.',
      helpValue: 'name',
    }),
    description: Flags.string({
      description:
        'Without a rule id, the rules of the group that have it; with one, a new description, empty for none.',
      helpValue: 'text',
    }),
    port: Flags.integer({
      description: 'With --description: the rule for this port; may be given several times.',
      helpValue: 'port',
      min: 0,
      max: 65_535,
      multiple: true,
    }),
    create: Flags.boolean({
      description: 'With --description: make the rules that are not there, for port 5432 unless told otherwise.',
    }),
    region: Flags.string({
      description: "The AWS region; else AWS_REGION, AWS_DEFAULT_REGION, else the profile's.",
      helpValue: 'name',
    }),
    'if-configured': Flags.boolean({
      description: 'Do nothing, and say nothing, where no security group is set: for start tasks.',
    }),
    'dry-run': Flags.boolean({
      char: 'n',
      description: 'Show what the rule is and what it would be, and change nothing.',
    }),
  }

  async run(): Promise<UpdateSecurityGroupResult | {configured: false}> {
    const {flags} = await this.parse(SgUpdate)
    const {ip, protocol, description, region} = flags
    const variables = readVariables(process.env, process.cwd())
    // A dev container hands an empty variable on for one that is not set.
    const group = flags['group-id'] ?? variables.find('DB_SG_ID')?.value.trim() ?? ''
    if (flags['if-configured'] && group === '') return {configured: false}
    const result = await updateSecurityGroup(
      {
        groupId: flags['group-id'],
        ruleId: flags['rule-id'],
        fromPort: flags['from-port'],
        toPort: flags['to-port'],
        dryRun: flags['dry-run'],
        ports: flags.port,
        create: flags.create,
        ...{variables, ip, protocol, description, region},
      },
      {progress: this.remark, signal: this.signal},
    )
    this.print(renderRuleChanges(result))
    const [only, ...others] = result.rules
    const made = only?.before === undefined && others.length === 0 ? only?.ruleId : undefined
    if (made !== undefined) this.remark(`To set this rule without flags from now on: export DB_SG_RULE_ID=${made}`)
    return result
  }
}
