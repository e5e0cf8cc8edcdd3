/** What is known of a session's client, to guess from. */
export interface ClientFacts {
  application: string
  user: string | null
  /** Postgres's `backend_type`. */
  backend: string
  hidden: boolean
}

type Rule = [program: string, when: RegExp]

/** Roles under which providers look after the databases that they run. */
const providers: Rule[] = [
  ['RDS', /^(rdsadmin|rdsrepladmin|rdsproxyadmin)$/],
  ['Cloud SQL', /^cloudsql(admin|agent|replica|observabilityadmin)$/],
  ['Azure', /^(azuresu|azure_superuser|azure_pg_admin)$/],
  ['Supabase', /^(supabase_(admin|auth_admin|storage_admin|replication_admin|read_only_user)|authenticator)$/],
]

/** What clients call themselves in application_name; the first that fits, so the particular comes before the general. */
const applications: Rule[] = [
  ['cruddur-db', /^cruddur-db\b/],
  ['pg_dump', /^pg_dump(all)?$/],
  ['pg_restore', /^pg_restore$/],
  ['pgbench', /^pgbench$/],
  ['pg_activity', /^pg_activity\b/],
  ['replication', /^(walreceiver|pg_basebackup|pg_receivewal|pg_recvlogical)$|debezium/i],
  ['maintenance', /^(vacuumdb|reindexdb|clusterdb|pg_repack|pg_cron.*|pgagent.*)$/i],
  ['psql', /^(psql|pgcli)\b/],
  ['pgAdmin', /^pgadmin\b/i],
  ['DBeaver', /^dbeaver\b/i],
  ['DataGrip', /^(datagrip|intellij|pycharm|webstorm|rubymine|goland|rider)\b/i],
  ['TablePlus', /^tableplus\b/i],
  ['Postico', /^postico\b/i],
  ['Beekeeper', /^beekeeper\b/i],
  ['Navicat', /^navicat\b/i],
  ['Metabase', /^metabase\b/i],
  ['Grafana', /^grafana\b/i],
  ['Superset', /superset/i],
  ['Tableau', /^tableau\b/i],
  ['Power BI', /power ?bi|mashup/i],
  ['PostgREST', /^postgrest\b/i],
  ['Hasura', /^hasura\b/i],
  ['PgBouncer', /pgbouncer/i],
  ['Prisma', /prisma/i],
  [
    'Node',
    /\bnode(js)?\b|node-postgres|postgres\.js|\b(next|nest)(\.?js)?\b|express|knex|sequelize|typeorm|drizzle|\.[cm]?[jt]s$/i,
  ],
  ['Python', /python|django|flask|fastapi|gunicorn|uvicorn|celery|sqlalchemy|psycopg|asyncpg|airflow|jupyter|\.py$/i],
  ['Ruby', /\bruby\b|rails|puma|unicorn|sidekiq|rake|\.rb$/i],
  ['Java', /jdbc|hikari|spring|hibernate|\bjava\b/i],
  ['Go', /\bpgx\b|\bgolang\b/i],
  ['.NET', /npgsql|\.net\b/i],
  ['PHP', /\bphp|laravel|symfony/i],
]

/** Servers' processes that connect to a database or another server, under the names that people know. */
const backends: Rule[] = [
  ['replication', /^walsender$/],
  ['autovacuum', /^autovacuum worker$/],
]

/**
 * What a session's client probably is: `psql`, `Node`, `RDS`, … A guess from what it says of itself and the role it
 * uses, for people to read; empty where there is nothing to go by.
 */
export function guessProgram({application, user, backend, hidden}: ClientFacts): string {
  if (backend !== 'client backend' && !hidden) return first(backends, backend) ?? 'server'
  return first(providers, user ?? '') ?? first(applications, application) ?? ''
}

/** Whether it is a role under which a provider looks after the database. */
export function isProvidersRole(user: string | null): boolean {
  return user !== null && first(providers, user) !== undefined
}

function first(rules: Rule[], text: string): string | undefined {
  return rules.find(([, when]) => when.test(text))?.[0]
}
