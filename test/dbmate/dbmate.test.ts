import {describe, expect, it} from 'vitest'
import {Project} from './project.js'

const [first, second, third] = ['20260101000001', '20260101000002', '20260101000003'] as const
const users = '-- migrate:up\ncreate table users (id int);\n\n-- migrate:down\ndrop table users;\n'
const posts =
  '-- migrate:up\ncreate table posts (id int);\ninsert into posts values (1);\n\n-- migrate:down\ndrop table posts;\n'
const three = {
  [`${first}_users.sql`]: users,
  [`${second}_posts.sql`]: posts,
  [`${third}_index.sql`]: '-- migrate:up\ncreate index on users (id);\n\n-- migrate:down\n',
}
const two = {[`${first}_users.sql`]: users, [`${second}_posts.sql`]: posts}

describe('migrations that we have applied', () => {
  it('are applied for dbmate, which can undo them, and we can apply them again', async () => {
    const project = await Project.make({files: two})
    await project.ours('migrate')
    await project.expectStates({[first]: 'applied', [second]: 'applied'})
    await project.dbmate('up')
    expect(await project.query('select * from posts')).toEqual([{id: 1}])
    await project.dbmate('rollback')
    expect(await project.tables()).toEqual(['users'])
    await project.expectStates({[first]: 'applied', [second]: 'pending'})
    expect((await project.ours('migrate')).stdout).toContain('Applied 1 migration')
    await project.ours('migrate:down', '2')
    expect(await project.tables()).toEqual([])
    await project.expectStates({[first]: 'pending', [second]: 'pending'})
    await project.dbmate('up')
    await project.expectStates({[first]: 'applied', [second]: 'applied'})
  })

  it('are applied for dbmate if we have only recorded them', async () => {
    const project = await Project.make({files: two})
    await project.writeFile('sql/schema.sql', 'create table users (id int);\ncreate table posts (id int);\n')
    await project.ours('schema:load')
    await project.expectStates({[first]: 'applied', [second]: 'applied'})
    await project.dbmate('up')
    expect(await project.query('select * from posts')).toEqual([])
  })

  it('are applied for dbmate if we have adopted them', async () => {
    const project = await Project.make({files: two})
    await project.query('create table users (id int); create table posts (id int)')
    await project.ours('migrate:adopt', '--to', second)
    await project.expectStates({[first]: 'applied', [second]: 'applied'})
  })
})

describe('migrations that dbmate has applied', () => {
  it('are applied for us, and undone by the down of the file', async () => {
    const project = await Project.make({files: two, dir: 'db/migrations'})
    await project.dbmate('up')
    await project.expectStates({[first]: 'applied', [second]: 'applied'})
    expect((await project.ours('migrate')).stdout).toContain('Nothing to apply')
    await project.ours('migrate:status', '--check')
    await project.ours('migrate:down')
    expect(await project.tables()).toEqual(['users'])
    await project.expectStates({[first]: 'applied', [second]: 'pending'})
    await project.dbmate('up')
    await project.dbmate('rollback')
    await project.ours('migrate:down')
    expect(await project.tables()).toEqual([])
    await project.expectStates({[first]: 'pending', [second]: 'pending'})
  })

  it('leave the name and texts of their rows empty, before and after we have added our columns', async () => {
    const project = await Project.make({files: {[`${first}_users.sql`]: users}})
    await project.dbmate('up')
    await project.write(`${second}_posts.sql`, posts)
    await project.ours('migrate')
    await project.write(`${third}_index.sql`, three[`${third}_index.sql`] ?? '')
    await project.dbmate('up')
    expect(
      await project.query(
        'select version, name, checksum is null as "noChecksum", up is null as "noUp", down is null as "noDown", applied_at is null as "noTime", applied_by as by, duration is null as "noDuration", statement from schema_migrations order by 1',
      ),
    ).toEqual([
      row(first, {name: null, noTime: true, by: null}),
      row(second, {name: 'posts', noChecksum: false, noUp: false, noDown: false, noDuration: false}),
      row(third, {name: null}),
    ])
    await project.expectStates({[first]: 'applied', [second]: 'applied', [third]: 'applied'})
    expect(await project.tryOurs('migrate:down'), 'the third has no down').toMatchObject({exitCode: 5})
    await project.dbmate('rollback')
    await project.ours('migrate:down', '--to', first)
    await project.expectStates({[first]: 'applied', [second]: 'pending', [third]: 'pending'})
  })

  it('may be older than our newest, and are then no change for us', async () => {
    const project = await Project.make({files: {[`${second}_posts.sql`]: posts}})
    await project.ours('migrate')
    await project.write(`${first}_users.sql`, users)
    expect(await project.tryOurs('migrate')).toMatchObject({exitCode: 5})
    await project.dbmate('up')
    await project.expectStates({[first]: 'applied', [second]: 'applied'})
    expect((await project.ours('migrate')).stdout).toContain('Nothing to apply')
  })

  it('are not begun again by us while dbmate applies them', async () => {
    const slow =
      '-- migrate:up\ncreate table slow (id int);\nselect pg_sleep(1.5);\n\n-- migrate:down\ndrop table slow;\n'
    const project = await Project.make({files: {...two, [`${third}_slow.sql`]: slow}})
    const [theirs, ours] = await Promise.all([
      project.tryDbmate('up'),
      project.tryOurs('migrate', '--lock-timeout', '5s'),
    ])
    expect([theirs.exitCode, ours.exitCode], `${theirs.all}\n${ours.stderr}`).toContain(0)
    await project.ours('migrate')
    await project.expectStates({[first]: 'applied', [second]: 'applied', [third]: 'applied'})
    expect(await project.query('select * from posts')).toEqual([{id: 1}])
  })
})

const row = (version: string, own: object): object => ({
  ...{version, name: null, noChecksum: true, noUp: true, noDown: true, noTime: false, by: 'postgres'},
  ...{noDuration: true, statement: null},
  ...own,
})
