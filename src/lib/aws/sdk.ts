// What this tool takes of the AWS SDK: bundled into a file of its own, without the rest.
export {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  ModifySecurityGroupRulesCommand,
  paginateDescribeSecurityGroupRules,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2'
export {Signer} from '@aws-sdk/rds-signer'
