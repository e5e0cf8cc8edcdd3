import {Flags} from '@oclif/core'
import {renderRuleChanges} from '../../lib/aws/rule-line.js'
import {updateSecurityGroup, type UpdateSecurityGroupResult} from '../../lib/aws/update-security-group.js'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {surroundings} from '../../lib/cli/surroundings.js'

export default class SgUpdate extends BaseCommand {
  static override summary = "Set a security-group rule to this machine's IP address."
  static override description =
    'Then AWS lets this machine connect to RDS. The rule keeps its protocol, ports and description unless flags change them.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --group-id sg-0123456789abcdef0 --description "my laptop" --create',
    '<%= config.bin %> <%= command.id %> --ip 203.0.113.9 --group-id sg-0123456789abcdef0 --rule-id sgr-0123456789abcdef0',
  ]
  // No flag takes its default from the environment, because oclif would write it into the manifest.
  static override flags = {
    'group-id': Flags.string({description: 'The security group. Default: DB_SG_ID.', helpValue: 'sg-…'}),
    'rule-id': Flags.string({description: 'The rule to set. Default: DB_SG_RULE_ID.', helpValue: 'sgr-…'}),
    ip: Flags.string({
      description: 'The address to allow. Default: GITPOD_IP, then the address that a public service sees.',
      helpValue: 'address',
    }),
    'from-port': Flags.integer({
      description: 'The new first port of the rule.',
      helpValue: 'port',
      min: -1,
      max: 65_535,
    }),
    'to-port': Flags.integer({
      description: 'The new last port of the rule.',
      helpValue: 'port',
      min: -1,
      max: 65_535,
    }),
    protocol: Flags.string({
      description: 'The new protocol of the rule: tcp, udp, icmp, icmpv6, all or a number.',
      helpValue: 'name',
    }),
    description: Flags.string({
      description:
        'Without a rule id: set the rules with this description. With a rule id: the new description, empty for none.',
      helpValue: 'text',
    }),
    port: Flags.integer({
      description: 'With --description: set only the rule for this port. Can be given several times.',
      helpValue: 'port',
      min: 0,
      max: 65_535,
      multiple: true,
    }),
    create: Flags.boolean({
      description: 'With --description: create missing rules, for port 5432 by default.',
    }),
    force: Flags.boolean({
      description: 'Also set a rule that allows more than one address, or other ports than that of a database.',
    }),
    region: Flags.string({
      description: 'The AWS region. Default: AWS_REGION, then AWS_DEFAULT_REGION, then the region of the profile.',
      helpValue: 'name',
    }),
    'if-configured': Flags.boolean({
      description: 'If no security group is set, do nothing and print nothing. For start tasks.',
    }),
    'dry-run': Flags.boolean({
      char: 'n',
      description: 'Show the rule before and after, and change nothing.',
    }),
  }

  async run(): Promise<UpdateSecurityGroupResult | {configured: false}> {
    const {flags} = await this.parse(SgUpdate)
    const {ip, protocol, description, region} = flags
    const {variables} = surroundings()
    // A dev container passes an unset variable on as an empty one.
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
        force: flags.force,
        ...{variables, ip, protocol, description, region},
      },
      {progress: this.remark, signal: this.signal},
    )
    this.print(renderRuleChanges(result))
    const [only, ...others] = result.rules
    const made = only?.before === undefined && others.length === 0 ? only?.ruleId : undefined
    if (made !== undefined) this.remark(`To set this rule without flags: export DB_SG_RULE_ID=${made}`)
    return result
  }
}
