import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'

/** One statement of a migration, or what stands between BEGIN and COMMIT, and what it changes. */
interface Step {
  sql: string
  /** How many statements it has. */
  statements: number
  /** What is there after it; a `-` before it means that it is gone. */
  effects: string[]
}

/** A migration whose steps are each visible afterwards, and visible twice if they have run twice. */
export interface VisibleMigration {
  version: string
  transaction: boolean
  steps: Step[]
}

/** What is recorded of the migrations. */
export interface Recorded {
  version: string
  statement: number | null
  running: string | null
}

/** What the migrations need: rows that show what has run, and a function that makes an index slow. */
export const ground = `create table runs (step text);
create function slow(int) returns int immutable language plpgsql as $$ begin perform pg_sleep(0.002); return $1; end $$;`

/** What is there: rows of runs, columns of items, tables, and indexes of items. */
export const readEffects = `select 'row ' || step as effect from runs
  union all select 'column ' || attname from pg_attribute
    where attrelid = to_regclass('items') and attnum > 0 and not attisdropped
  union all select 'table ' || relname from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not in ('runs', 'schema_migrations')
  union all select 'index ' || relname || case when indisvalid then '' else ' (invalid)' end
    from pg_index join pg_class on pg_class.oid = indexrelid where indrelid = to_regclass('items')`

const step = (sql: string, ...effects: string[]): Step => ({sql, statements: 1, effects})
const row = (name: string): Step => step(`insert into runs select '${name}' from pg_sleep(0.01);`, `row ${name}`)
const copied = (name: string): Step => step(`copy runs from stdin;\n${name}\n\\.`, `row ${name}`)
const indexed = (name: string, column: string): Step =>
  step(`create index concurrently ${name} on items (slow(${column}));`, `index ${name}`)
const block = (...steps: Step[]): Step => ({
  sql: ['begin;', ...steps.map(({sql}) => sql), 'commit;'].join('\n'),
  statements: 2 + steps.length,
  effects: steps.flatMap(({effects}) => effects),
})

export const migrations: readonly VisibleMigration[] = [
  {
    version: '20260101000001',
    transaction: true,
    steps: [
      step('create table items (id int);', 'table items', 'column id'),
      step('insert into items select generate_series(1, 20);'),
      row('1'),
    ],
  },
  {
    version: '20260101000002',
    transaction: true,
    steps: [row('2.1'), step('alter table items add column n int default 1;', 'column n'), copied('2.2'), row('2.3')],
  },
  {
    version: '20260101000003',
    transaction: false,
    steps: [
      row('3.1'),
      indexed('items_id', 'id'),
      step('alter table items add column later int;', 'column later'),
      block(step('create table pairs (id int);', 'table pairs'), row('3.2')),
      copied('3.3'),
      indexed('items_n', 'n'),
      row('3.4'),
    ],
  },
  {version: '20260101000004', transaction: true, steps: [row('4'), step('create table last (id int);', 'table last')]},
  {
    version: '20260101000005',
    transaction: false,
    steps: [row('5.1'), step('drop index concurrently items_n;', '-index items_n'), step('vacuum items;'), row('5.2')],
  },
]

/** Writes the migrations into a folder. */
export async function writeMigrations(folder: string): Promise<void> {
  const place = join(folder, 'sql', 'migrations')
  await mkdir(place, {recursive: true})
  for (const {version, transaction, steps} of migrations) {
    const text = `-- migrate:up${transaction ? '' : ' transaction:false'}\n${steps.map(({sql}) => sql).join('\n')}\n`
    await writeFile(join(place, `${version}_step.sql`), text)
  }
}

/** What must be there, by what is recorded; without the index whose statement may or may not have ended. */
export function expectedEffects(records: readonly Recorded[]): string[] {
  const effects = new Set<string>()
  for (const {version, steps} of migrations) {
    const whole = records.some((record) => record.version === version)
    const half = records.find((record) => record.version === `${version} (half done)`)
    const reached = whole ? Infinity : (half?.statement ?? 0)
    let at = 0
    for (const {statements, effects: own} of steps) {
      at += statements
      if (at > reached) break
      for (const effect of own) {
        if (effect.startsWith('-')) effects.delete(effect.slice(1))
        else effects.add(effect)
      }
    }
  }
  return withoutRunning([...effects], records)
}

/** Without the index of a statement that was sent and not recorded as ended. */
export function withoutRunning(effects: readonly string[], records: readonly Recorded[]): string[] {
  const running = records.flatMap(({running: sql}) => /concurrently (\w+)/.exec(sql ?? '')?.[1] ?? [])
  return effects.filter((effect) => !running.some((name) => effect.startsWith(`index ${name}`))).sort()
}

/** What is there when all migrations are applied. */
export const allEffects = expectedEffects(migrations.map(({version}) => ({version, statement: null, running: null})))
