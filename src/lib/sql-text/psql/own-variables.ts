/** Those that do not depend on the session. The version is that of the psql whose language this is. */
export const fixedVariables: Readonly<Record<string, string>> = {
  AUTOCOMMIT: 'on',
  ECHO: 'none',
  ECHO_HIDDEN: 'off',
  ENCODING: 'UTF8',
  ERROR: 'false',
  FETCH_COUNT: '0',
  LAST_ERROR_MESSAGE: '',
  LAST_ERROR_SQLSTATE: '00000',
  ON_ERROR_ROLLBACK: 'off',
  ON_ERROR_STOP: 'on',
  QUIET: 'on',
  ROW_COUNT: '0',
  SHOW_CONTEXT: 'errors',
  SINGLELINE: 'off',
  SINGLESTEP: 'off',
  SQLSTATE: '00000',
  VERBOSITY: 'default',
  VERSION_NAME: '18.0',
  VERSION_NUM: '180000',
}

/** The variables that depend on the session. */
export const sessionVariables = ['DBNAME', 'USER', 'HOST', 'PORT', 'SERVER_VERSION_NAME', 'SERVER_VERSION_NUM']

/** What the variables of psql say about a session. */
export interface SessionNames {
  database: string | undefined
  user: string | undefined
  host: string
  port: number
  /** The server's version, if it is known. */
  version: string | undefined
}

/** The variables that psql sets itself. */
export function ownVariables({database = '', user = '', host, port, version}: SessionNames): Record<string, string> {
  const [major = '', minor = '0'] = (version ?? '').split(/[^\d]+/)
  const ofServer: Record<string, string> =
    version === undefined || major === ''
      ? {}
      : {SERVER_VERSION_NAME: version, SERVER_VERSION_NUM: String(Number(major) * 10_000 + Number(minor || 0))}
  return {...fixedVariables, DBNAME: database, USER: user, HOST: host, PORT: String(port), ...ofServer}
}
