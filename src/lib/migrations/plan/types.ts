/** A lock mode that stops something others do, or shows that rows are changed, from weak to strong. */
export type LockMode =
  'RowExclusive' | 'ShareUpdateExclusive' | 'Share' | 'ShareRowExclusive' | 'Exclusive' | 'AccessExclusive'

/** A lock on a table that was there before the migrations. */
export interface PlannedLock {
  /** As SQL, with its schema unless that is public. */
  table: string
  mode: LockMode
  /** Whether others may notice it: the table is not small. */
  large: boolean
  /** The table of which it is a partition, if that is locked, too. */
  partOf: string | null
}

/** An index that a statement makes on a table that was there before the migrations. */
export interface PlannedIndex {
  table: string
  index: string
  /** `rebuilt` means that the index was there before; `concurrently`, that nobody waits for it. */
  how: 'built' | 'rebuilt' | 'concurrently'
}

/** A check or foreign key that a statement makes or validates on such a table. */
export interface PlannedConstraint {
  table: string
  constraint: string
  kind: 'check' | 'foreign key'
  /** Whether the statement makes it; false if it was there and is validated. */
  added: boolean
  valid: boolean
}

/** A table or column that a statement drops, empties or renames. */
export interface PlannedLoss {
  table: string
  /** Null for the table itself. */
  column: string | null
  how: 'dropped' | 'truncated' | 'renamed'
  /** The new name of what is renamed. */
  to: string | null
}

/** What a statement did on the copy. Only tables that were there before the migrations count. */
export interface PlannedStatement {
  file: string
  line: number
  /** The first line of its text. */
  statement: string
  /** Whether it runs in no transaction; then its locks are known only as far as its effects show them. */
  alone: boolean
  /** The strongest lock on each table that the transaction did not hold before. */
  locks: PlannedLock[]
  /** Tables that are rewritten. */
  rewrites: string[]
  /** Tables that are read from end to end. */
  scans: string[]
  indexes: PlannedIndex[]
  constraints: PlannedConstraint[]
  losses: PlannedLoss[]
}

export interface PlannedMigration {
  version: string
  file: string
  /** Whether its statements are one transaction. */
  transaction: boolean
  statements: PlannedStatement[]
}

export type FindingCode =
  | 'table_rewrite'
  | 'table_scan'
  | 'index_build'
  | 'foreign_key_validated'
  | 'check_validated'
  | 'validated_with_added'
  | 'statements_after_lock'
  | 'several_tables_locked'
  | 'rows_dropped'
  | 'renamed'
  | 'rows_changed_with_ddl'
  | 'invalid_index'
  | 'foreign_key_without_index'
  | 'column_without_value'
  | 'statement_fails'

/** Something that others feel, that loses rows, or that fails, and what to write instead. */
export interface PlanFinding {
  code: FindingCode
  /** The version of the migration; null for what is not of one. */
  migration: string | null
  file: string | null
  line: number | null
  /** The first line of a statement that is not among the measured ones; otherwise null. */
  statement: string | null
  /** Empty if it is about none. */
  table: string
  /** The size of the table on the target, with its partitions, indexes and TOAST. */
  bytes: number
  /** The estimated number of rows; null if it is not known. */
  rows: number | null
  /** A sentence. */
  message: string
  /** What to write instead: a sentence. */
  instead: string
  /** Its SQL, one line each. */
  sql: string[]
}

/** An index of the target that takes part in writes, but that no query uses. */
export interface InvalidIndex {
  table: string
  index: string
}

/** What could not be measured. */
export interface Unmeasured {
  /** The version of the migration; null for a statement of the target's schema, which is then missing in the copy. */
  migration: string | null
  file: string | null
  line: number | null
  /** The first line of the statement. */
  statement: string
  reason: string
  /** Whether the server has refused it for what it says, and not because the copy lacks something. */
  fails: boolean
}

/** What migrations would do to a database, measured on a copy of its schema. */
export interface MigrationPlan {
  database: string
  migrations: PlannedMigration[]
  findings: PlanFinding[]
  invalidIndexes: InvalidIndex[]
  unmeasured: Unmeasured[]
}
