import {mkdir, mkdtemp, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {OperationContext} from '../../../src/lib/access/context.js'
import type {ScratchServer} from '../../../src/lib/dumps/file-schema.js'
import {findMigrations} from '../../../src/lib/migrations/migration-files.js'
import {readMigration} from '../../../src/lib/migrations/migration.js'
import {measurePlan, type MigrationPlan} from '../../../src/lib/migrations/plan/plan.js'
import {ConnectionUrl} from '../../../src/lib/targets/connection-url.js'
import {urlOf} from '../../support/databases.js'

/** A context of a database, for operations that need no confirmation. */
export function contextOf(url: string, signal = new AbortController().signal): OperationContext {
  const unused = (): never => {
    throw new TypeError('not expected')
  }
  const origin = {kind: 'variable', variable: 'TEST_CONNECTION_URL', path: undefined} as const
  const target = {name: 'test', url: ConnectionUrl.parse(url, 'test'), origin}
  return {target, signal, progress: () => undefined, warn: unused, authorize: unused}
}

/** A server on which copies are made. */
export function scratchOn(url: string): ScratchServer {
  return {open: () => Promise.resolve(contextOf(url)), cache: undefined}
}

export interface PlanOfTexts {
  /** Where the migrations are written. */
  folder: string
  /** The database, by its URL. */
  url: string
  scratch?: ScratchServer[]
  /** How many statements of the first migration ran already. */
  done?: number
  /** Further files, by their paths from the folder of the migrations. */
  files?: Readonly<Record<string, string>>
}

/** Measures the plan of migrations. A text without a marker gets that of an ordinary migration. */
export async function planOf(texts: readonly string[], options: PlanOfTexts): Promise<MigrationPlan> {
  const {url, scratch = [scratchOn(urlOf('postgres'))], done = 0, files = {}} = options
  const cwd = await mkdtemp(join(options.folder, 'project-'))
  const folder = join(cwd, 'sql', 'migrations')
  await mkdir(folder, {recursive: true})
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text)
  for (const [index, text] of texts.entries()) {
    const whole = text.includes('migrate:up') ? text : `-- migrate:up\n${text}\n`
    await writeFile(join(folder, `${20260101000001 + index}_m${index + 1}.sql`), whole)
  }
  const found = await Promise.all(findMigrations(cwd).files.map((file) => readMigration(file, cwd)))
  const pending = found.map((migration, index) => ({migration, done: index === 0 ? done : 0}))
  return measurePlan({cwd, pending, scratch}, contextOf(url))
}
