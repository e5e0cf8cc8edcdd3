/** Facts from which the program of a client is guessed. */
export interface SessionClient {
  application: string
  user: string | null
  /** Postgres's `backend_type`. */
  backend: string
  hidden: boolean
}

type Rule = [program: string, when: RegExp]

/** Roles that cloud providers use to manage their databases. */
const providers: Rule[] = [
  ['RDS', /^(rdsadmin|rdsrepladmin|rdsproxyadmin)$/],
  ['Cloud SQL', /^cloudsql(admin|agent|replica|observabilityadmin)$/],
  ['Azure', /^(azuresu|azure_superuser|azure_pg_admin)$/],
  ['Supabase', /^(supabase_(admin|auth_admin|storage_admin|replication_admin|read_only_user)|authenticator)$/],
]

/** Values of application_name. The first match counts, so special rules come before general ones. */
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

/** Processes of the server, with the names that people know. */
const backends: Rule[] = [
  ['replication', /^walsender$/],
  ['autovacuum', /^autovacuum worker$/],
]

/** Guesses the program of a client from its application name and role: `psql`, `Node`, `RDS`, …; empty if unknown. */
export function guessProgram({application, user, backend, hidden}: SessionClient): string {
  if (backend !== 'client backend' && !hidden) return first(backends, backend) ?? 'server'
  return first(providers, user ?? '') ?? first(applications, application) ?? ''
}

/** Whether it is a role that a cloud provider uses to manage the database. */
export function isProvidersRole(user: string | null): boolean {
  return user !== null && first(providers, user) !== undefined
}

function first(rules: Rule[], text: string): string | undefined {
  return rules.find(([, when]) => when.test(text))?.[0]
}
