import {mkdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import type {CruddurError} from '../../src/lib/errors.js'
import {findMigrations, lookForMigrations, type MigrationFolder} from '../../src/lib/migrations/migration-files.js'
import {pendingFiles, type PendingOptions, requireUnchanged, versionNamed} from '../../src/lib/migrations/pending.js'
import type {MigrationRecord, Partial} from '../../src/lib/migrations/records.js'
import {version} from '../support/migrations.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const root = temporaryFolder()
const migrations = join(root, 'sql', 'migrations')

beforeEach(async () => {
  await rm(join(root, 'sql'), {recursive: true, force: true})
  await mkdir(migrations, {recursive: true})
})
const put = async (...names: string[]): Promise<void> => {
  for (const name of names) await writeFile(join(migrations, name), '')
}

/** What is wrong with the folder. */
function problem(run: () => unknown): Pick<CruddurError, 'code' | 'message' | 'next' | 'details'> | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return error as CruddurError
  }
}

describe('the files of a folder', () => {
  it('are in the order of their versions, without others', async () => {
    await put('20260102000000_b.sql', '20260101000000_z.sql', '00000000000001_first ä.sql', '20251231000000_a.b.sql')
    await put('README.md', '.20260101000000_a.sql', '20260101000000_a.sql.swp', 'seed.csv', '.hidden.sql')
    const {path, files} = findMigrations(root)
    expect(path).toBe(migrations)
    expect(files.map(({version, name}) => `${version} ${name}`)).toEqual([
      '00000000000001 first ä',
      '20251231000000 a.b',
      '20260101000000 z',
      '20260102000000 b',
    ])
  })

  it.each([
    ['V1__users.sql', 'Flyway', 'Rename it'],
    ['U2.1__users.sql', 'Flyway', 'Rename it'],
    ['R__views.sql', 'Flyway', 'Rename it'],
    ['000001_users.up.sql', 'golang-migrate', 'Make one file of each pair'],
    ['20260101000000_users.down.sql', 'golang-migrate', 'Make one file of each pair'],
    ['2026010100000_users.sql', null, 'Rename it'],
    ['202601010000000_users.sql', null, 'Rename it'],
    ['20260101000000-users.sql', null, 'Rename it'],
    ['20260101000000.sql', null, 'Rename it'],
    ['20260101000000_.sql', null, 'Rename it'],
    ['users.sql', null, 'move it out'],
  ])('are refused if one is called %s', async (name, program, advice) => {
    await put(name)
    expect(problem(() => findMigrations(root))).toMatchObject({
      code: 'migration_name_invalid',
      message: expect.stringContaining(`sql/migrations/${name} is not named like a migration`) as string,
      next: [expect.stringContaining(advice) as string],
      details: {program},
    })
  })

  it('are refused if a version is used twice', async () => {
    await put('20260101000000_b.sql', '20260101000000_a.sql', '20260102000000_c.sql')
    expect(problem(() => findMigrations(root))).toMatchObject({
      code: 'migration_version_twice',
      details: {files: ['sql/migrations/20260101000000_a.sql', 'sql/migrations/20260101000000_b.sql']},
    })
  })

  it('are those of --dir, or of the nearest folder of the repository', async () => {
    await put('20260101000000_a.sql')
    const inner = join(root, 'src', 'deep')
    await mkdir(inner, {recursive: true})
    expect(lookForMigrations(inner)).toBeUndefined()
    expect(problem(() => findMigrations(inner))).toMatchObject({code: 'migrations_missing'})
    await mkdir(join(root, '.git'))
    expect(lookForMigrations(inner)?.path).toBe(migrations)
    expect(findMigrations(inner, '../../sql/migrations').files).toHaveLength(1)
    expect(problem(() => findMigrations(root, 'db/migrations'))).toMatchObject({
      code: 'migrations_missing',
      message: 'db/migrations is not a folder.',
    })
    // Not even if a file stands in the way.
    await rm(join(root, 'sql'), {recursive: true})
    await writeFile(join(root, 'sql'), '')
    expect(lookForMigrations(root)).toBeUndefined()
    await rm(join(root, '.git'), {recursive: true})
  })
})

describe('the files that are pending', () => {
  const folder: MigrationFolder = {
    path: '/p/sql/migrations',
    files: [1, 2, 3, 4].map((n) => ({
      version: version(n),
      name: `m${n}`,
      path: `/p/sql/migrations/${version(n)}_m${n}.sql`,
    })),
  }
  type Applied = number | [number, 'up' | 'down']
  const records = (all: Applied[]): {byVersion: Map<string, MigrationRecord>} => ({
    byVersion: new Map(
      all.map((each) => {
        const [n, direction] = typeof each === 'number' ? [each] : each
        const partial: Partial | null =
          direction === undefined ? null : {direction, statements: 1, running: null, text: 'select 1; select 2;'}
        const rest = {name: null, checksum: null, appliedAt: null, appliedBy: null, durationMs: null}
        return [version(n), {version: version(n), ...rest, partial}]
      }),
    ),
  })
  const pending = (all: Applied[], options: Omit<PendingOptions, 'cwd'> = {}): string | number[] => {
    try {
      return pendingFiles(folder, records(all), {cwd: '/p', ...options}).map(({name}) => Number(name.slice(1)))
    } catch (error) {
      return (error as CruddurError).code
    }
  }

  it.each<[string, Applied[], Omit<PendingOptions, 'cwd'>, string | number[]]>([
    ['none is applied', [], {}, [1, 2, 3, 4]],
    ['some are applied', [1, 2], {}, [3, 4]],
    ['all are applied', [1, 2, 3, 4], {}, []],
    ['newer ones are applied that are not here', [1, 2, 3, 4, 9], {}, []],
    ['a version is wanted', [1], {to: version(3)}, [2, 3]],
    ['a file is wanted', [1], {to: `${version(2)}_m2.sql`}, [2]],
    ['an applied version is wanted', [1, 2], {to: version(1)}, []],
    ['the wanted version is not here', [], {to: version(9)}, 'version_unknown'],
    ['the wanted version is too short', [], {to: '1'}, 'version_unknown'],
    ['one is older than the newest', [1, 3], {}, 'migrations_out_of_order'],
    ['one is older, and allowed', [1, 3], {outOfOrder: true}, [2, 4]],
    ['all are older than one that is not here', [9], {}, 'migrations_out_of_order'],
    ['an older one is not wanted', [1, 4], {to: version(1)}, []],
    ['one is half done', [1, [2, 'up']], {}, [2, 3, 4]],
    ['an older one is half done', [1, [2, 'up'], 3], {}, [2, 4]],
    ['one is half undone', [1, [2, 'down']], {}, 'migration_half_undone'],
    ['a half-done one is not here', [1, [9, 'up']], {}, 'migration_missing'],
  ])('if %s', (_, applied, options, found) => {
    expect(pending(applied, options)).toEqual(found)
  })

  it('names those that are too old', () => {
    expect(problem(() => pendingFiles(folder, records([4]), {cwd: '/p'}))).toMatchObject({
      message: expect.stringMatching(
        /^sql\/migrations\/20260101000001_m1.sql, .*m2.sql, .*m3.sql are not applied, but older than 20260101000004/,
      ) as string,
      next: [expect.stringContaining('--out-of-order') as string],
    })
    expect(versionNamed(`${version(2)}_whatever`, folder)).toBe(version(2))
  })

  it('may have changed only after the statements that have run', () => {
    const {partial} = records([[2, 'up']]).byVersion.get(version(2)) ?? {partial: null}
    const check = (text: string): unknown => problem(() => requireUnchanged('m2.sql', partial, text))
    expect(check('-- migrate:up transaction:false\nselect  1; select 3;')).toBeUndefined()
    expect(check('select 3;')).toMatchObject({
      code: 'migration_changed',
      message: 'm2.sql is half done, and its first statement, which has run, was changed. Nothing was changed.',
    })
    expect(problem(() => requireUnchanged('m2.sql', null, 'select 3;'))).toBeUndefined()
  })
})
