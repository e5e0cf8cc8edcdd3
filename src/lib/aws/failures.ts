import {AwsError, ConfigurationError, errorCode} from '../errors.js'

/** What was asked of AWS, for the error to name: what failed, and what would have to be allowed. */
export interface AwsRequest {
  /** The IAM action: `ec2:DescribeSecurityGroupRules`. */
  action: string
  /** The resources that an IAM policy has to allow it on. */
  resources: string[]
  region: string
  groupId?: string
  ruleId?: string
}

/** What a failure is called here, in one sentence, and the way out. */
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
 * Turns what the SDK threw for a request into one of our errors. Its text is passed on only where AWS complains of a
 * parameter: complaints of a signature quote the signed request, and with it the session token.
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
      `AWS does not allow these credentials ${action} on ${on}.`,
      `Allow it in the IAM policy of this user or role: action ${action}, resource ${on}`,
    ]
  }

  if (expiredCredentials.includes(name)) {
    return [
      'aws_credentials_expired',
      'The AWS credentials have expired, or the clock of this machine is wrong.',
      'Get new ones (with SSO: aws sso login) and set all of them, AWS_SESSION_TOKEN too.',
    ]
  }

  if (refusedCredentials.includes(name)) {
    return [
      'aws_credentials_refused',
      'AWS does not accept these credentials.',
      'Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or AWS_PROFILE.',
      'See whom they stand for: aws sts get-caller-identity',
    ]
  }

  if (throttles.includes(name)) {
    return [
      'aws_throttled',
      'AWS has had too many requests from this account, and had after several tries.',
      'Wait a minute and run it again.',
    ]
  }

  if (missingRules.includes(name))
    return ['rule_missing', `There is no security-group rule ${ruleId ?? ''} in ${region}.`, checkIds]
  if (missingGroups.includes(name))
    return ['group_missing', `There is no security group ${groupId ?? ''} in ${region}.`, checkIds]
  if (name === 'InvalidPermission.Duplicate') {
    return [
      'rule_duplicate',
      `${groupId ?? 'The group'} has another rule already that lets in just this.`,
      'Nothing has to be done to be let in; to have one rule of the two, delete the other.',
    ]
  }

  return undefined
}

/** No answer came: the SDK has tried several times by then. */
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
      'Wait a minute and run it again; see https://health.aws.amazon.com',
    ]
  if (name === 'Error' || name === 'Unknown') {
    return [
      'aws_answer_unreadable',
      `The answer to ${action} is not one of AWS EC2 (status ${status}).`,
      'Check AWS_ENDPOINT_URL, and whether a proxy is in between.',
    ]
  }

  const complaint =
    /^(Invalid|Missing)(Parameter|Permission|Input)/.test(name) && error instanceof Error
      ? `: ${oneLine(error.message)}`
      : ''
  return [
    'aws_refused',
    `AWS refused ${action} with ${name}${complaint}.`,
    'See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html',
  ]
}

/** No credentials, or none that could be made: an expired SSO session, a role that may not be taken, a broken file. */
export function credentialsFailure(error: unknown): AwsError {
  return new AwsError('There are no AWS credentials that could be used.', {
    code: 'aws_credentials_missing',
    next: [
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or AWS_PROFILE to a profile that has them.',
      'With SSO log in again: aws sso login',
    ],
    cause: withoutText(error),
  })
}

/** No region, neither given nor in the profile. */
export function regionFailure(error: unknown): ConfigurationError {
  return new ConfigurationError('No AWS region is set.', {
    code: 'region_missing',
    next: ['Set AWS_REGION, or give it: cruddur-db sg:update --region eu-central-1'],
    cause: withoutText(error),
  })
}

/**
 * The SDK's error by name, status and place alone, for the stack under `DEBUG`: its text can hold the session token,
 * or the output of the program that a profile takes its credentials from.
 */
function withoutText(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('something that is not an error was thrown')
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

/** AWS's words on one line; no control character of an answer reaches the terminal. */
function oneLine(text: string): string {
  return text
    .replace(/[\s\u0000-\u001F\u007F-\u009F]+/g, ' ')
    .trim()
    .replace(/\.$/, '')
    .slice(0, 300)
}
