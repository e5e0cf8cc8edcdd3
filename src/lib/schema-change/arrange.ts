import type {StableId} from './pg-delta.js'
import {name, path} from './sql-names.js'
import {type Statement, statement, type Step} from './statement.js'

/** How statements are divided into steps. */
export interface Arrangement {
  /** Whether they stay as they are, though others wait for them. */
  plain: boolean
  /** Whether new values of enums are committed before anything else. */
  separateValues: boolean
}

/**
 * Divides statements into steps, each of which is a migration. What would keep others waiting while rows are read is done
 * afterwards, outside of a transaction: indexes are built CONCURRENTLY, and constraints are validated after they were added
 * (https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES). `old` has the tables with rows of
 * their own that were there before, and their columns, as statements write them.
 */
export function arrange(
  values: readonly Statement[],
  statements: readonly Statement[],
  old: ReadonlySet<string>,
  {plain, separateValues}: Arrangement,
): Step[] {
  const whole = separateValues ? statements : [...values, ...statements]
  const {main, after} = plain ? {main: [...whole], after: []} : new Division(whole, old)
  const steps: Step[] = [
    {transaction: true, suffix: '_values', statements: separateValues ? [...values] : []},
    {transaction: true, suffix: '', statements: main},
    {transaction: false, suffix: '_online', statements: after},
  ]
  return steps.filter((step) => step.statements.length > 0)
}

const createIndex = new RegExp(`^CREATE (UNIQUE )?INDEX (${name}) ON (${path}) ([\\s\\S]*)$`)
const indexOnOnly = new RegExp(`^CREATE (?:UNIQUE )?INDEX (${name}) ON ONLY `)
const usingIndexes = new RegExp(
  `^(?:ALTER INDEX (${path}) ATTACH PARTITION|ALTER TABLE ${path} CLUSTER ON|COMMENT ON INDEX|ALTER INDEX) (${path})`,
)
const addConstraint = new RegExp(`^ALTER TABLE (?:ONLY )?(${path}) ADD CONSTRAINT (${name}) ([\\s\\S]*)$`)
const setNotNull = new RegExp(`^ALTER TABLE (${path}) ALTER COLUMN (${name}) SET NOT NULL$`)
const unique = /^(UNIQUE|PRIMARY KEY)( NULLS NOT DISTINCT)? (\([^()]*\))$/

class Division {
  readonly main: Statement[] = []
  readonly after: Statement[] = []
  /** What is made afterwards. */
  private readonly later = new Set<string>()

  constructor(
    private readonly all: readonly Statement[],
    private readonly old: ReadonlySet<string>,
  ) {
    for (const each of all) this.add(each)
  }

  private add(each: Statement): void {
    if (each.open !== undefined) {
      this.main.push(each)
      return
    }
    const isLater = this.needsLater(each)
    const first = isLater ? this.after : this.main
    const handled =
      this.whole(each) ||
      this.index(each) ||
      this.validated(each, first) ||
      this.required(each, isLater) ||
      this.unique(each)
    if (handled === false) first.push(each)
    if (isLater) this.remember(each)
  }

  /** The index of a partitioned table that was there before: it goes with those of the partitions, as it does in the down. */
  private whole(each: Statement): boolean {
    const [, index] = indexOnOnly.exec(each.sql) ?? []
    const isMade = (id: StableId): boolean =>
      id.kind === 'table' && this.all.some(({action}) => action?.produces.some((made) => textOf(made) === textOf(id)))
    if (index === undefined || each.action?.consumes.some(isMade) === true) return false
    this.after.push(each)
    this.remember(each, index)
    return true
  }

  private index(each: Statement): boolean {
    const [, isUnique = '', index, table, rest] = createIndex.exec(each.sql) ?? []
    if (index === undefined || table === undefined || !this.old.has(table)) return false
    const schema = table.slice(0, table.length - lastName(table).length)
    const drop = this.main.findIndex(({sql}) => sql === `DROP INDEX ${schema}${index}`)
    const build = (as: string): Statement => ({
      ...each,
      sql: `CREATE ${isUnique}INDEX CONCURRENTLY ${as} ON ${table} ${rest}`,
    })
    if (drop === -1) this.after.push(build(index))
    else {
      const [old] = this.main.splice(drop, 1)
      const aside = suffixed(index, '_new')
      this.after.push(build(aside), statement('BEGIN'), ...(old ? [old] : []))
      this.after.push(statement(`ALTER INDEX ${schema}${aside} RENAME TO ${index}`), statement('COMMIT'))
    }
    this.remember(each, index)
    return true
  }

  /** A foreign key or check that is validated when it is there. */
  private validated(each: Statement, first: Statement[]): boolean {
    const [, table, constraint, definition = ''] = addConstraint.exec(each.sql) ?? []
    if (table === undefined || constraint === undefined || !this.old.has(table)) return false
    if (!/^(?:FOREIGN KEY|CHECK) /.test(definition) || /(?: NOT VALID| NOT ENFORCED)$/.test(definition)) return false
    first.push({...silent(each), sql: `${each.sql} NOT VALID`})
    this.after.push(saidOf(each, `ALTER TABLE ${table} VALIDATE CONSTRAINT ${constraint}`))
    return true
  }

  /** A column that takes no NULL any more: a check that was validated makes it fast. */
  private required(each: Statement, isLater: boolean): boolean {
    const [, table, column] = setNotNull.exec(each.sql) ?? []
    if (table === undefined || column === undefined || isLater) return false
    if (!this.old.has(table) || !this.old.has(`${table}.${column}`)) return false
    const check = suffixed(column, '_is_set')
    const alter = `ALTER TABLE ${table}`
    this.main.push(statement(`${alter} ADD CONSTRAINT ${check} CHECK (${column} IS NOT NULL) NOT VALID`))
    this.after.push(
      saidOf(each, `${alter} VALIDATE CONSTRAINT ${check}`),
      silent(each),
      statement(`${alter} DROP CONSTRAINT ${check}`),
    )
    return true
  }

  /** A unique constraint whose index is built before. One that replaces another is not, because there would be none meanwhile. */
  private unique(each: Statement): boolean {
    const [, table, constraint, definition = ''] = addConstraint.exec(each.sql) ?? []
    const [, kind, nulls = '', columns] = unique.exec(definition) ?? []
    if (table === undefined || constraint === undefined || kind === undefined || !this.old.has(table)) return false
    if (this.all.some(({sql}) => sql.startsWith(`ALTER TABLE ${table} DROP CONSTRAINT `))) return false
    this.after.push(saidOf(each, `CREATE UNIQUE INDEX CONCURRENTLY ${constraint} ON ${table} ${columns}${nulls}`), {
      ...silent(each),
      sql: `ALTER TABLE ${table} ADD CONSTRAINT ${constraint} ${kind} USING INDEX ${constraint}`,
    })
    this.remember(each, constraint)
    return true
  }

  private remember({action}: Statement, made?: string): void {
    for (const id of action?.produces ?? []) this.later.add(textOf(id))
    if (made !== undefined) this.later.add(made)
  }

  /** Whether a statement uses what is made afterwards. */
  private needsLater({sql, action}: Statement): boolean {
    if (action?.consumes.some((id) => this.later.has(textOf(id))) === true) return true
    const [, ...used] = usingIndexes.exec(sql) ?? []
    return used.some((index) => index !== undefined && this.later.has(lastName(index)))
  }
}

/** Another statement, with what was said of one. */
const saidOf = ({comments, condition}: Statement, sql: string): Statement => ({sql, comments, condition})

/** A statement without what was said of it, because it is said of another. */
const silent = (each: Statement): Statement => ({...each, comments: [], condition: undefined})

const textOf = (id: StableId): string => JSON.stringify(id)

function lastName(text: string): string {
  return new RegExp(`${name}$`).exec(text)?.[0] ?? text
}

const maxNameLength = 63

/** A name with something at its end, also within quotes. */
function suffixed(text: string, suffix: string): string {
  const end = text.endsWith('"') ? '"' : ''
  const stem = end === '' ? text : text.slice(0, -1)
  return `${stem.slice(0, maxNameLength - suffix.length)}${suffix}${end}`
}
