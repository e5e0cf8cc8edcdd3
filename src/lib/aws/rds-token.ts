import type {PasswordSource} from '../targets/connection-url.js'
import {rdsRegion} from '../targets/rds.js'
import {credentialsFailure} from './failures.js'
import {quietSdk} from './quiet.js'

/** A token is valid for 15 minutes and only checked at login, so it is reused for less than that. */
const freshForMs = 10 * 60_000

/**
 * Supplies IAM tokens instead of passwords
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html). A token is signed locally, for one
 * host, port and user. The region comes from the host name, from `region`, or from the SDK.
 * @returns a source that rejects with AwsError (`aws_credentials_missing`)
 */
export function iamTokens(region: string | undefined): PasswordSource {
  const made = new Map<string, {token: Promise<string>; at: number}>()
  return async ({host, port}, {user}) => {
    const key = `${user}@${host}:${port}`
    const known = made.get(key)
    if (known !== undefined && Date.now() - known.at < freshForMs) return known.token
    const token = signToken({hostname: host, port, username: user, region: rdsRegion(host) ?? region})
    made.set(key, {token, at: Date.now()})
    token.catch(() => made.delete(key))
    return token
  }
}

async function signToken(options: {
  hostname: string
  port: number
  username: string
  region?: string
}): Promise<string> {
  quietSdk()
  const {Signer} = await import('./sdk-rds.js')
  try {
    return await new Signer(options).getAuthToken()
  } catch (error) {
    throw credentialsFailure(error)
  }
}
