import {rdsRoots, usesRdsRoots} from '../postgres/connect/tls.js'
import {type ConnectionUrl, parameterVariables} from '../targets/connection-url.js'
import type {Target} from '../targets/target.js'
import {withPrivateFolder} from './private-folder.js'

/**
 * Calls `use` with the target as variables for psql and other programs of Postgres (https://www.postgresql.org/docs/current/libpq-envars.html). Amazon's
 * root certificates and IAM tokens must be in files; these are in a temporary folder that other users cannot read.
 */
export async function withLibpqVariables<T>(
  {url, authentication}: Target,
  applicationName: string,
  use: (variables: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const roots = url.hosts.some(({host}) => usesRdsRoots(url, host))
  const tokens = authentication === 'iam'
  if (!roots && !tokens) return use(plainVariables(url, applicationName))
  return withPrivateFolder(async (put) =>
    use({
      ...plainVariables(url, applicationName),
      ...(roots ? {PGSSLROOTCERT: await put('rds.pem', (await rdsRoots()).join('\n'))} : {}),
      ...(tokens ? {PGPASSFILE: await put('tokens', await tokenLines(url))} : {}),
    }),
  )
}

function plainVariables(url: ConnectionUrl, applicationName: string): NodeJS.ProcessEnv {
  const fromParameters = [...url.parameters].flatMap(([name, value]): [string, string][] => {
    const variable = parameterVariables[name]
    return variable === undefined ? [] : [[variable, value]]
  })
  return {
    PGAPPNAME: applicationName,
    ...Object.fromEntries(fromParameters),
    PGSSLMODE: url.sslmode,
    PGHOST: url.hosts.map(({host}) => host).join(','),
    PGPORT: url.hosts.map(({port}) => port).join(','),
    PGUSER: url.user,
    PGPASSWORD: url.password,
    PGDATABASE: url.database,
    // psql before 16 ignores it.
    ...(url.scramOnly ? {PGREQUIREAUTH: 'scram-sha-256'} : {}),
  }
}

/** Lines of a password file, for any database, because psql may change to another one. */
async function tokenLines(url: ConnectionUrl): Promise<string> {
  const escape = (text: string): string => text.replace(/[\\:]/g, '\\$&')
  const lines = url.hosts.map(async (server) => {
    const token = await url.passwordFor(server)
    return `${escape(server.host)}:${server.port}:*:${escape(url.user)}:${escape(token ?? '')}`
  })
  return `${(await Promise.all(lines)).join('\n')}\n`
}
