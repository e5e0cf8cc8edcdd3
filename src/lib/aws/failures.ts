import {AwsError, ConfigurationError, errorCode} from '../errors.js'

/** A request to AWS, for error messages. */
export interface AwsRequest {
  /** The IAM action: `ec2:DescribeSecurityGroupRules`. */
  action: string
  /** The resources that an IAM policy must allow. */
  resources: string[]
  region: string
  groupId?: string
  ruleId?: string
}

/** Our code, the message and the advice for a failure. */
type Described = [code: string, message: string, ...next: string[]]

const refusedCredentials = [
  'AuthFailure',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'IncompleteSignature',
  'MissingAuthenticationToken',
]
const expiredCredentials = ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired']
const denials = ['UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException']
const throttles = [
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'RequestThrottled',
  'TooManyRequestsException',
]
const missingRules = ['InvalidSecurityGroupRuleId.NotFound', 'InvalidSecurityGroupRuleId.Malformed']
const missingGroups = [
  'InvalidGroup.NotFound',
  'InvalidGroupId.NotFound',
  'InvalidGroupId.Malformed',
  'InvalidSecurityGroupID.NotFound',
]

/**
 * Converts an error of the SDK to one of ours. AWS's text is only used for errors about parameters, because errors about
 * signatures quote the signed request with the session token.
 */
export function requestFailure(error: unknown, request: AwsRequest): AwsError {
  const name = error instanceof Error ? error.name : 'unknown'
  const status = httpStatus(error)
  const [code, message, ...next] =
    byName(name, request) ??
    (status === undefined ? unreachable(error, request) : unexpectedAnswer(error, name, status, request))
  return new AwsError(message, {
    code,
    next,
    details: {action: request.action, region: request.region, awsCode: name, ...(status === undefined ? {} : {status})},
    cause: withoutText(error),
  })
}

function byName(name: string, {action, resources, region, groupId, ruleId}: AwsRequest): Described | undefined {
  const checkIds = 'Check DB_SG_ID and DB_SG_RULE_ID (or --group-id and --rule-id), and the region.'
  if (denials.includes(name)) {
    const on = resources.join(' and ')
    return [
      'aws_unauthorized',
      `These AWS credentials are not allowed to call ${action} on ${on}.`,
      `Add this to the IAM policy of the user or role: action ${action}, resource ${on}`,
    ]
  }

  if (expiredCredentials.includes(name)) {
    return [
      'aws_credentials_expired',
      'The AWS credentials have expired, or the clock of this machine is wrong.',
      'Get new credentials (with SSO: aws sso login) and set all of them, including AWS_SESSION_TOKEN.',
    ]
  }

  if (refusedCredentials.includes(name)) {
    return [
      'aws_credentials_refused',
      'AWS does not accept these credentials.',
      'Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or AWS_PROFILE.',
      'To see whose they are: aws sts get-caller-identity',
    ]
  }

  if (throttles.includes(name)) {
    return [
      'aws_throttled',
      'AWS received too many requests from this account, also after several attempts.',
      'Wait a minute, then run the command again.',
    ]
  }

  if (missingRules.includes(name))
    return ['rule_missing', `The security-group rule ${ruleId ?? ''} does not exist in ${region}.`, checkIds]
  if (missingGroups.includes(name))
    return ['group_missing', `The security group ${groupId ?? ''} does not exist in ${region}.`, checkIds]
  if (name === 'InvalidPermission.Duplicate') {
    return [
      'rule_duplicate',
      `${groupId ?? 'The group'} already has another rule with the same address and ports.`,
      'This machine is already allowed. If you want only one rule, delete the other one.',
    ]
  }

  return undefined
}

/** There was no answer, although the SDK has tried several times. */
function unreachable(error: unknown, {region}: AwsRequest): Described {
  const code = errorCode(error) ?? (error instanceof Error ? error.name : 'unknown')
  const what =
    code === 'ETIMEDOUT' || code === 'TimeoutError' ? 'did not answer in time' : `could not be reached (${code})`
  return [
    'aws_unreachable',
    `AWS EC2 in ${region} ${what}.`,
    'Check your network, the name of the region, and AWS_ENDPOINT_URL if it is set.',
  ]
}

function unexpectedAnswer(error: unknown, name: string, status: number, {action}: AwsRequest): Described {
  if (status >= 500)
    return [
      'aws_unavailable',
      `AWS failed on ${action} (status ${status}).`,
      'Wait a minute, then run the command again. See https://health.aws.amazon.com',
    ]
  if (name === 'Error' || name === 'Unknown') {
    return [
      'aws_answer_unreadable',
      `The answer to ${action} is not from AWS EC2 (status ${status}).`,
      'Check AWS_ENDPOINT_URL, and whether there is a proxy.',
    ]
  }

  const reason =
    /^(Invalid|Missing)(Parameter|Permission|Input)/.test(name) && error instanceof Error
      ? `: ${firstLine(error.message)}`
      : ''
  return [
    'aws_refused',
    `AWS refused ${action} with ${name}${reason}.`,
    'See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html',
  ]
}

/** There are no usable credentials, for example because of an expired SSO session or a broken file. */
export function credentialsFailure(error: unknown): AwsError {
  return new AwsError('There are no usable AWS credentials.', {
    code: 'aws_credentials_missing',
    next: [
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or set AWS_PROFILE to a profile with credentials.',
      'With SSO, log in again: aws sso login',
    ],
    cause: withoutText(error),
  })
}

export function regionFailure(error: unknown): ConfigurationError {
  return new ConfigurationError('No AWS region is set.', {
    code: 'region_missing',
    cause: withoutText(error),
  })
}

/**
 * The SDK's error without its text, for the stack under `DEBUG`. The text can contain the session token, or the output of
 * the program that supplies the credentials.
 */
function withoutText(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('a value that is not an error was thrown')
  const facts = [error.name, errorCode(error), httpStatus(error)].filter((fact) => fact !== undefined)
  const kept = new Error(facts.join(', '))
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ {4}at \S/.test(line))
  kept.stack = [kept.message, ...frames].join('\n')
  return kept
}

function httpStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  const metadata = error.$metadata as {httpStatusCode?: number}
  return metadata.httpStatusCode
}

/** AWS's text on one line, without control characters. */
function firstLine(text: string): string {
  return text
    .replace(/[\s\u0000-\u001F\u007F-\u009F]+/g, ' ')
    .trim()
    .replace(/\.$/, '')
    .slice(0, 300)
}
