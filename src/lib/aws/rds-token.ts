import type {PasswordSource} from '../targets/connection-url.js'
import {rdsRegion} from '../targets/rds.js'
import {credentialsFailure} from './failures.js'
import {quietSdk} from './quiet.js'

/** A token lasts 15 minutes and is looked at only when a connection is made; it is used for less than that. */
const freshForMs = 10 * 60_000

/**
 * Makes IAM tokens in place of passwords
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html). A token is signed here, without
 * asking AWS, for one host, port and user. The region is the host's own where its name tells it, else `region`, else the
 * SDK's.
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
  const {Signer} = await import('./sdk.js')
  try {
    return await new Signer(options).getAuthToken()
  } catch (error) {
    throw credentialsFailure(error)
  }
}
