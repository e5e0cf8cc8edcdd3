// What this program takes of the AWS SDK for IAM tokens: bundled into a file of its own.
export {Signer} from '@aws-sdk/rds-signer'
