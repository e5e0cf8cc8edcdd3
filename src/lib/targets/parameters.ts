/** The parameters that change how this program connects, each with psql's variable for it, if there is one. */
const taken: Readonly<Record<string, string | undefined>> = {
  application_name: 'PGAPPNAME',
  channel_binding: 'PGCHANNELBINDING',
  client_encoding: 'PGCLIENTENCODING',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  fallback_application_name: undefined,
  hostaddr: 'PGHOSTADDR',
  keepalives: undefined,
  keepalives_idle: undefined,
  load_balance_hosts: 'PGLOADBALANCEHOSTS',
  options: 'PGOPTIONS',
  passfile: 'PGPASSFILE',
  require_auth: 'PGREQUIREAUTH',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  sslcert: 'PGSSLCERT',
  sslcertmode: 'PGSSLCERTMODE',
  sslcrl: 'PGSSLCRL',
  sslkey: 'PGSSLKEY',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslsni: 'PGSSLSNI',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
}

/**
 * Parameters of libpq that have no effect here, and whose absence makes no connection less safe, or whose demanding values
 * are refused. psql gets them.
 */
const passedOver: Readonly<Record<string, string | undefined>> = {
  gssdelegation: 'PGGSSDELEGATION',
  gssencmode: 'PGGSSENCMODE',
  gsslib: 'PGGSSLIB',
  keepalives_count: undefined,
  keepalives_interval: undefined,
  krbsrvname: 'PGKRBSRVNAME',
  max_protocol_version: 'PGMAXPROTOCOLVERSION',
  min_protocol_version: 'PGMINPROTOCOLVERSION',
  sslcompression: 'PGSSLCOMPRESSION',
  sslnegotiation: 'PGSSLNEGOTIATION',
  tcp_user_timeout: undefined,
}

/**
 * The parameters of a connection URL or a service (https://www.postgresql.org/docs/current/libpq-connect.html), each with
 * psql's variable for it (https://www.postgresql.org/docs/current/libpq-envars.html). Others are refused by name, so that
 * a misspelled `sslmode`, or `requirepeer`, is noticed.
 */
export const parameterVariables: Readonly<Record<string, string | undefined>> = {...taken, ...passedOver}

/** Variables for parameters that demand a check which this program cannot make. In a URL or a service they are unknown. */
export const refusedVariables: Readonly<Record<string, string>> = {
  requirepeer: 'PGREQUIREPEER',
  sslcrldir: 'PGSSLCRLDIR',
}

/** The variables for the parts of the URL. There is none for the database, because the URL must name it. */
export const partVariables: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  port: 'PGPORT',
  user: 'PGUSER',
  password: 'PGPASSWORD',
}

/** Parameters that replace a part of the URL. */
const partParameters = ['host', 'port', 'user', 'password', 'dbname', 'service']

/** The names to list in advice. */
export const knownParameters = [...Object.keys(parameterVariables), 'ssl']

export function isParameter(name: string): boolean {
  return partParameters.includes(name) || Object.hasOwn(parameterVariables, name) || name === 'ssl'
}

const wholeNumbers = [
  'keepalives',
  'keepalives_count',
  'keepalives_idle',
  'keepalives_interval',
  'sslsni',
  'tcp_user_timeout',
]

/** What is wrong with the value of a parameter that nothing checks later, as a clause that does not quote it. */
export function parameterProblem(name: string, value: string): string | undefined {
  if (name === 'ssl' && !['true', '1'].includes(value)) return 'has a value for ssl other than true'
  if (wholeNumbers.includes(name) && !/^\d{1,9}$/.test(value))
    return `has a value for ${name} that is not a whole number`
  return undefined
}

/** Like libpq, takes `ssl=true` of JDBC for `sslmode=require`; an sslmode that is also there counts instead. */
export function withSslMode(settings: ReadonlyMap<string, string>): Map<string, string> {
  const {ssl, ...others} = Object.fromEntries(settings)
  return new Map(Object.entries({...(ssl === undefined ? {} : {sslmode: 'require'}), ...others}))
}
