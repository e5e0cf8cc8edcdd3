import {createHash} from 'node:crypto'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {secrets} from './aws.js'
import {serve} from './http-server.js'

/** The sources from which the SDK can read credentials. */
export type CredentialKind = 'environment' | 'profile' | 'SSO' | 'container' | 'web identity'

/** Credentials that only one source has. */
export interface CredentialSource {
  /** The variables that point the SDK to this source and to no other. */
  env: NodeJS.ProcessEnv
  /** The access key that it must then sign with. */
  key: string
  close: () => Promise<void>
}

/** An environment without credentials and without an AWS endpoint that returns some. */
export const noCredentials: NodeJS.ProcessEnv = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
}

const later = (): Date => new Date(Date.now() + 3_600_000)
const startUrl = 'https://d-0123456789.awsapps.com/start'
const sso = `[profile dev]
sso_session = work
sso_account_id = 123456789012
sso_role_name = developer
[sso-session work]
sso_region = eu-west-1
sso_start_url = ${startUrl}
`

/** Writes the files of this source into `folder`, the home folder, and starts the endpoint that the SDK asks. */
export async function credentialSource(kind: CredentialKind, folder: string): Promise<CredentialSource> {
  const key = `AKID${kind.replace(' ', '').toUpperCase()}`
  return {key, ...(await sources[kind](key, folder))}
}

/** Writes the token file of `aws sso login`, valid until the given time. */
export async function loggedIn(folder: string, until: Date): Promise<void> {
  const cache = join(folder, '.aws', 'sso', 'cache')
  await mkdir(cache, {recursive: true})
  const name = createHash('sha1').update('work').digest('hex')
  await writeFile(
    join(cache, `${name}.json`),
    JSON.stringify({startUrl, region: 'eu-west-1', accessToken: secrets.token, expiresAt: until.toISOString()}),
  )
  await writeFile(join(folder, '.aws', 'config'), sso)
}

const sources: Record<CredentialKind, (key: string, folder: string) => Promise<Omit<CredentialSource, 'key'>>> = {
  environment: (key) =>
    Promise.resolve({
      env: {
        ...noCredentials,
        AWS_ACCESS_KEY_ID: key,
        AWS_SECRET_ACCESS_KEY: secrets.key,
        AWS_SESSION_TOKEN: secrets.token,
      },
      close: nothing,
    }),

  async profile(key, folder) {
    const file = join(folder, 'credentials')
    await writeFile(
      file,
      `[dev]\naws_access_key_id = ${key}\naws_secret_access_key = ${secrets.key}\naws_session_token = ${secrets.token}\n`,
    )
    return {env: {...noCredentials, AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'dev'}, close: nothing}
  },

  async SSO(key, folder) {
    await loggedIn(folder, later())
    const credentials = {
      accessKeyId: key,
      secretAccessKey: secrets.key,
      sessionToken: secrets.token,
      expiration: later().getTime(),
    }
    const portal = await serve(({url, headers}, response) => {
      const {pathname, searchParams} = new URL(url ?? '', startUrl)
      const role = `${pathname} ${searchParams.get('account_id')} ${searchParams.get('role_name')}`
      const asked =
        role === '/federation/credentials 123456789012 developer' && headers['x-amz-sso_bearer_token'] === secrets.token
      response
        .writeHead(asked ? 200 : 403, {'content-type': 'application/json'})
        .end(JSON.stringify({roleCredentials: credentials}))
    })
    return {env: {...noCredentials, AWS_PROFILE: 'dev', AWS_ENDPOINT_URL_SSO: portal.url}, close: () => portal.close()}
  },

  async container(key) {
    const agent = await serve(({headers}, response) => {
      const credentials = {
        AccessKeyId: key,
        SecretAccessKey: secrets.key,
        Token: secrets.token,
        Expiration: later().toISOString(),
      }
      response
        .writeHead(headers.authorization === 'of-the-agent' ? 200 : 403, {'content-type': 'application/json'})
        .end(JSON.stringify(credentials))
    })
    const env = {
      ...noCredentials,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}/creds`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'of-the-agent',
    }
    return {env, close: () => agent.close()}
  },

  async 'web identity'(key, folder) {
    const file = join(folder, 'token')
    await writeFile(file, 'a.b.c')
    const sts = await serve((_, response) => {
      const credentials = `<AccessKeyId>${key}</AccessKeyId><SecretAccessKey>${secrets.key}</SecretAccessKey><SessionToken>${secrets.token}</SessionToken><Expiration>${later().toISOString()}</Expiration>`
      response.writeHead(200, {'content-type': 'text/xml'})
      response.end(
        `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>${credentials}</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
      )
    })
    const env = {
      ...noCredentials,
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/ci',
      AWS_ENDPOINT_URL_STS: sts.url,
    }
    return {env, close: () => sts.close()}
  },
}

async function nothing(): Promise<void> {}
