import {renderRuleChanges} from '../../lib/aws/rule-line.js'
import {updateSecurityGroup, type UpdateSecurityGroupResult} from '../../lib/aws/update-security-group.js'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {ruleFlags, ruleOptionsOf} from '../../lib/cli/rule-flags.js'
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
  static override flags = ruleFlags

  async run(): Promise<UpdateSecurityGroupResult | {configured: false}> {
    const {flags} = await this.parse(SgUpdate)
    const {variables} = surroundings()
    // A dev container passes an unset variable on as an empty one.
    const group = flags['group-id'] ?? variables.find('DB_SG_ID')?.value.trim() ?? ''
    if (flags['if-configured'] && group === '') return {configured: false}
    const options = {...ruleOptionsOf(flags), variables}
    const result = await updateSecurityGroup(options, {progress: this.remark, signal: this.signal})
    this.print(renderRuleChanges(result))
    const [only, ...others] = result.rules
    const made = only?.before === undefined && others.length === 0 ? only?.ruleId : undefined
    if (made !== undefined) this.remark(`To set this rule without flags: export DB_SG_RULE_ID=${made}`)
    return result
  }
}
