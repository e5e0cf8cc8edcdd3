import type {ConnectionUrl} from '../target/connection-url.js'
import {AwsError, errorCode} from '../errors.js'

/**
 * A token that RDS takes as the password of the URL's user for 15 minutes, checked only while connecting
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html). Made here, from the region and the
 * credentials that the SDK finds: nothing is asked of AWS but, where they come from there, the credentials.
 * @throws AwsError (`iam_token_failed`)
 */
export async function rdsToken(url: ConnectionUrl): Promise<string> {
  // The SDK has no option for it: on Node 20 it would tell our users to upgrade.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
  const {Signer} = await import('@aws-sdk/rds-signer')
  const {host: hostname, port} = url.primary
  try {
    return await new Signer({hostname, port, username: url.user}).getAuthToken()
  } catch (error) {
    throw new AwsError(`No IAM token could be made for "${url.user}" (${errorCode(error) ?? (error as Error).name}).`, {
      code: 'iam_token_failed',
      next: ['Check that AWS credentials and AWS_REGION are set.'],
      cause: error,
    })
  }
}
