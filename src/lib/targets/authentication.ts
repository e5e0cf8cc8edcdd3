import {ConfigurationError, ConnectionError} from '../errors.js'
import type {ConnectionUrl, PasswordSource} from './connection-url.js'
import {lookUpPassword} from './password-file.js'
import type {Variables} from './variables.js'

/** How the user logs in: with a password, or with a new AWS IAM token for each connection. */
export type Authentication = 'password' | 'iam'

const tokenModes = ['require', 'verify-ca', 'verify-full']

/**
 * Reads `<NAME>_CONNECTION_AUTH`. The default is a password.
 * @throws ConfigurationError (`authentication_unknown`)
 */
export function authenticationOf(urlVariable: string, variables: Variables): Authentication {
  const variable = urlVariable.replace(/URL$/, 'AUTH')
  const value = variables.find(variable)?.value.trim() ?? ''
  if (value === '' || value === 'password') return 'password'
  if (value === 'iam') return 'iam'
  throw new ConfigurationError(`${variable} must be iam or password.`, {
    code: 'authentication_unknown',
    next: [`Set ${variable}=iam for AWS IAM tokens, or remove it.`],
    details: {variable},
  })
}

/**
 * Refuses an IAM token if the URL allows a connection without TLS, because a token is sent in plain text.
 * @throws ConfigurationError (`iam_needs_tls`)
 */
export function refuseTokenWithoutTls(url: ConnectionUrl): void {
  if (tokenModes.includes(url.sslmode ?? 'prefer')) return
  throw new ConfigurationError(
    `An IAM token needs TLS, and sslmode=${url.sslmode ?? 'prefer'} allows a connection without TLS.`,
    {
      code: 'iam_needs_tls',
      next: [
        'Use the RDS endpoint in the URL, which is always verified, or add ?sslmode=verify-full&sslrootcert=<file>',
      ],
    },
  )
}

/** The password file: the one in the URL, or the user's default; undefined if there is no home folder. */
export function passwordFileOf(url: ConnectionUrl, variables: Variables): string | undefined {
  return url.parameters.get('passfile') ?? variables.files.passwords
}

/** Reads a password file each time a server asks for a password. */
export function passwordsIn(path: string | undefined): PasswordSource {
  return ({host, port}, {user, database}) => {
    if (path === undefined) throw passwordMissing(user)
    const {password, problem} = lookUpPassword(path, {host, port, user, database})
    if (password !== undefined) return password
    const problems = {
      absent: `Or create ${path} with a line for it.`,
      no_match: `Or add a line to ${path}. It has none for this host, port, database and user.`,
      unreadable: `${path} cannot be read.`,
      open_to_others: `${path} was not used, because others can read it. To correct this: chmod 600 ${path}`,
    }
    throw passwordMissing(user, problems[problem])
  }
}

export function passwordMissing(user: string, ...next: string[]): ConnectionError {
  return new ConnectionError(`The server asks for the password of "${user}", but none is set.`, {
    code: 'password_missing',
    next: ['Put it into the URL or into PGPASSWORD.', ...next],
  })
}
