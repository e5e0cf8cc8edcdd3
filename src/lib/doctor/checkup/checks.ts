import {formatBytes, formatCount, formatDuration, formatNumber} from '../../text/format.js'

/** What a check looks at: the rows of `sql/catalog/checkup/<check>.sql`, each a name and a value, the worst first. */
export interface CheckDefinition {
  check: string
  /** A value from which on it is a warning, and from which on it is urgent; undefined where each row is a warning. */
  warns?: number
  urgent?: number
  /** Whether small values are the bad ones. */
  falls?: true
  /** How many rows are good for a quiet line, for example `81 million (shop)`; otherwise only rows beyond a limit are shown. */
  showsBest?: true
  /** The value for people. */
  show: (value: number) => string
  /** The limits for people. */
  limit: string
  /** What to do about it. */
  advice: string
  /** Whether a role without pg_monitor sees only its own part. */
  partly?: true
}

const percent = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} %`
const seconds = (value: number): string => formatDuration(value * 1000)
const million = (value: number): string => `${formatNumber(Math.round(value / 1e6))} million`
const hour = 3600

/** All checks, in the order in which they are shown. docs/health.md explains the limits. */
export const checks: readonly CheckDefinition[] = [
  {
    ...{check: 'transaction-ids', warns: 5e8, urgent: 1.2e9, showsBest: true, show: million},
    limit: 'from 500 million; urgent from 1,200; the server stops at 2,100',
    advice: 'VACUUM (FREEZE) in that database. Look for long transactions and replication slots, which hold it back.',
  },
  {
    ...{check: 'sequences', warns: 75, urgent: 90, show: percent},
    limit: 'from 75 % of the range of the sequence or its column; urgent from 90 %',
    advice: 'ALTER TABLE … ALTER COLUMN … TYPE bigint, and ALTER SEQUENCE … AS bigint.',
  },
  {
    ...{check: 'long-transactions', warns: 300, urgent: hour, show: seconds, partly: true},
    limit: 'from 5 min; urgent from 1 h',
    advice: 'Ask whose it is, or end it: select pg_terminate_backend(PID);',
  },
  {
    ...{check: 'prepared-transactions', warns: 300, urgent: hour, show: seconds},
    limit: 'from 5 min; urgent from 1 h',
    advice: "COMMIT PREPARED 'NAME' or ROLLBACK PREPARED 'NAME'.",
  },
  {
    ...{check: 'replication-slots', warns: 1e9, urgent: 1e10, show: formatBytes},
    limit: 'from 1 GB of WAL; urgent from 10 GB',
    advice: "Start its reader again, or drop it: select pg_drop_replication_slot('NAME');",
  },
  {
    ...{check: 'invalid-indexes', show: () => ''},
    limit: 'any',
    advice: 'REINDEX INDEX CONCURRENTLY NAME, or DROP INDEX CONCURRENTLY NAME.',
  },
  {
    ...{check: 'duplicate-indexes', show: formatBytes},
    limit: 'any',
    advice: 'DROP INDEX CONCURRENTLY NAME.',
  },
  {
    ...{check: 'unused-indexes', show: formatBytes},
    limit: 'over 1 MB, and not read for a week or more',
    advice: 'Check replicas and rare reports, then DROP INDEX CONCURRENTLY NAME.',
  },
  {
    ...{check: 'without-primary-key', show: (value) => formatCount(Math.round(value), 'row')},
    limit: 'any',
    advice: 'ALTER TABLE … ADD PRIMARY KEY.',
  },
  {
    ...{check: 'never-analyzed', show: (value) => formatCount(value, 'row')},
    limit: 'over 1,000 rows',
    advice: 'ANALYZE NAME.',
  },
  {
    ...{check: 'dead-rows', warns: 20, show: percent},
    limit: 'over 20 %, and 10,000',
    advice: 'VACUUM NAME. If it comes again: ALTER TABLE NAME SET (autovacuum_vacuum_scale_factor = 0.05).',
  },
  {
    ...{check: 'bloat', show: formatBytes},
    limit: 'over half of the table, by an estimate',
    advice: 'VACUUM FULL NAME locks the table; pg_repack does not.',
  },
  {
    ...{check: 'cache', warns: 95, falls: true, showsBest: true, show: percent},
    limit: 'below 95 %',
    advice: 'Find queries that read whole tables, or give the server more memory.',
  },
]
