import {ConfigurationError, ConnectionError} from '../errors.js'
import type {ConnectionUrl, PasswordSource} from './connection-url.js'
import {lookUpPassword} from './password-file.js'
import type {Variables} from './variables.js'

/** How a target's user proves who he is: by a password, or by a token that AWS's IAM makes for each connection. */
export type Authentication = 'password' | 'iam'

const tokenModes = ['require', 'verify-ca', 'verify-full']

/**
 * What `<NAME>_CONNECTION_AUTH` says; a password where it is not set.
 * @throws ConfigurationError (`authentication_unknown`)
 */
export function authenticationOf(urlVariable: string, variables: Variables): Authentication {
  const variable = urlVariable.replace(/URL$/, 'AUTH')
  const value = variables.find(variable)?.value.trim() ?? ''
  if (value === '' || value === 'password') return 'password'
  if (value === 'iam') return 'iam'
  throw new ConfigurationError(`${variable} is neither iam nor password.`, {
    code: 'authentication_unknown',
    next: [`Set ${variable}=iam for tokens of AWS's IAM, or remove it.`],
    details: {variable},
  })
}

/**
 * A token is sent as it is, so the connection must be encrypted whatever happens.
 * @throws ConfigurationError (`iam_needs_tls`)
 */
export function refuseTokenWithoutTls(url: ConnectionUrl): void {
  if (tokenModes.includes(url.sslmode ?? 'prefer')) return
  throw new ConfigurationError(
    `An IAM token may not be sent without TLS, which sslmode ${url.sslmode ?? 'prefer'} does not promise.`,
    {
      code: 'iam_needs_tls',
      next: [
        "Name RDS's own endpoint in the URL, which is verified without more, or add ?sslmode=verify-full&sslrootcert=<file>",
      ],
    },
  )
}

/** The password file to look into: the one that was named, else the user's own. */
export function passwordFileOf(url: ConnectionUrl, variables: Variables): string {
  return url.parameters.get('passfile') ?? variables.files.passwords
}

/** Looks into a password file whenever a server asks for a password. */
export function passwordsIn(path: string): PasswordSource {
  return ({host, port}, {user, database}) => {
    const {password, problem} = lookUpPassword(path, {host, port, user, database})
    if (password !== undefined) return password
    const problems = {
      absent: `Or add a line to ${path}, which is not there.`,
      no_match: `Or add a line to ${path}, in which none is for this host, port, database and user.`,
      unreadable: `${path} cannot be read.`,
      open_to_others: `${path} is readable by others and was not used: chmod 600 ${path}`,
    }
    throw passwordMissing(user, problems[problem])
  }
}

/** The server wants a password and none is known. */
export function passwordMissing(user: string, ...next: string[]): ConnectionError {
  return new ConnectionError(`The server asks for the password of "${user}", and none is set.`, {
    code: 'password_missing',
    next: ['Put it into the URL or into PGPASSWORD.', ...next],
  })
}
