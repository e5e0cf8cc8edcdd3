import {readdir, readFile, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type CliResult, cli, json, type Running, start} from '../support/cli.js'
import {query, uniqueName, untilRows, urlAs, urlOf, withConnection} from '../support/databases.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const database = uniqueName('dumped')
const copy = uniqueName('copy')
const role = uniqueName('reader')
const folder = temporaryFolder()

const schema = `
  create schema "Odd ""one""";
  create type mood as enum ('glad', 'so so');
  create domain email as text check (value like '%@%');
  create table "Odd ""one""".people (
    id int generated always as identity primary key,
    mail email not null unique,
    mood mood default 'glad',
    upper text generated always as (upper(mail)) stored
  );
  create table parts (id bigserial, at date not null, note text default $$it's$$) partition by range (at);
  create table parts_2026 partition of parts for values from ('2026-01-01') to ('2027-01-01');
  create index on parts (at);
  create function answer(a int, b text default 'x') returns int language sql as 'select a';
  create view glad as select mail from "Odd ""one""".people where mood = 'glad';
  create materialized view counted as select count(*) from parts;
  alter table parts enable row level security;
  create policy mine on parts using (note = current_user);
  comment on table parts is 'Parts;
-- Name: fake; Type: TABLE; Schema: public; Owner: -';
  grant select on parts to "${role}"`

beforeAll(async () => {
  await query('postgres', `create role "${role}" login password 'pw'`)
  for (const name of [database, copy]) await query('postgres', `create database "${name}"`)
  await query(database, schema)
})
afterAll(async () => {
  for (const name of [database, copy]) await query('postgres', `drop database if exists "${name}" with (force)`)
  await query('postgres', `drop role "${role}"`)
})

const dump = (name: string, ...flags: string[]): Promise<CliResult> =>
  cli(['schema:dump', ...flags], {env: {CONNECTION_URL: urlOf(name)}, cwd: folder})

const waitingQuery =
  "select pid from pg_stat_activity where datname = $1 and wait_event_type = 'Lock' and query like 'LOCK TABLE%'"

describe('schema:dump', () => {
  it('writes a schema that makes the same schema, with the same bytes', async () => {
    const first = await dump(database)
    expect(first).toMatchObject({exitCode: 0, stderr: expect.stringContaining(database) as string})
    expect(first.stdout).not.toMatch(/Dumped|restrict|transaction_timeout|OWNER TO|GRANT/)
    expect(first.stdout).toMatch(/-- PostgreSQL database dump complete\n--$/)
    await writeFile(join(folder, 'copy.sql'), first.stdout)
    const loaded = await cli(['schema:load', '--file', 'copy.sql'], {env: {CONNECTION_URL: urlOf(copy)}, cwd: folder})
    expect(loaded).toMatchObject({exitCode: 0})
    expect((await dump(copy)).stdout).toBe(first.stdout)
  })

  it('has owners and privileges if they are asked for', async () => {
    const {stdout} = await dump(database, '--owners')
    expect(stdout).toMatch(/OWNER TO postgres;/)
    expect(stdout).toContain(`GRANT SELECT ON TABLE public.parts TO ${role};`)
  })

  it('writes a file, which it replaces only with --force, and gives the text with --json', async () => {
    const {stdout: text} = await dump(database)
    const wrote = await dump(database, '--file', 'schema.sql')
    expect(wrote).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Wrote the schema of \S+ to schema.sql: /) as string,
    })
    expect(await readFile(join(folder, 'schema.sql'), 'utf8')).toBe(`${text}\n`)
    await writeFile(join(folder, 'schema.sql'), 'mine')
    const kept = await dump(database, '--file', 'schema.sql', '--json')
    expect(kept.exitCode).toBe(3)
    expect(json(kept).error).toMatchObject({code: 'file_exists'})
    expect(await readFile(join(folder, 'schema.sql'), 'utf8')).toBe('mine')
    await symlink('schema.sql', join(folder, 'link.sql'))
    expect(await dump(database, '--file', 'link.sql', '--force')).toMatchObject({exitCode: 0})
    expect(await readFile(join(folder, 'schema.sql'), 'utf8')).toBe(`${text}\n`)
    expect(json(await dump(database, '--json')).result).toMatchObject({file: null, sql: `${text}\n`})
  })

  it('names the table that the role may not read, and leaves no file', async () => {
    await withConnection(database, (client) => client.query('create table if not exists secret ()'))
    const refused = await cli(['schema:dump', '--file', 'refused.sql', '--json'], {
      env: {CONNECTION_URL: urlAs(role, database)},
      cwd: folder,
    })
    expect(refused.exitCode).toBe(6)
    expect(json(refused).error).toMatchObject({
      code: '42501',
      message: expect.stringMatching(/permission denied for (table|schema)/) as string,
    })
    expect((await readdir(folder)).filter((name) => name.includes('refused'))).toEqual([])
  })

  it.each([
    [
      'its session is ended',
      4,
      (_running: Running, pid: number) => query('postgres', `select pg_terminate_backend(${pid})`),
    ],
    ['it is interrupted', 130, (running: Running) => Promise.resolve(running.kill('SIGINT'))],
  ] as const)('leaves no file when %s in the middle', async (_when, exitCode, strike) => {
    await withConnection(database, async (client) => {
      await client.query('begin; lock table parts in access exclusive mode')
      const running = start(['schema:dump', '--file', 'struck.sql'], {
        env: {CONNECTION_URL: urlOf(database)},
        cwd: folder,
      })
      const [waiting] = await untilRows<{pid: number}>('postgres', waitingQuery, [database])
      await strike(running, waiting?.pid ?? 0)
      expect((await running).exitCode).toBe(exitCode)
      await client.query('rollback')
    })
    expect((await readdir(folder)).filter((name) => name.includes('struck'))).toEqual([])
  })

  it('waits for locks, whatever the time limit of the role', async () => {
    const limited = new URL(urlOf(database))
    limited.search = '?options=-c%20statement_timeout%3D100ms'
    await withConnection(database, async (client) => {
      await client.query('begin; lock table parts in access exclusive mode')
      const running = start(['schema:dump'], {env: {CONNECTION_URL: limited.href}})
      await untilRows('postgres', waitingQuery, [database])
      await client.query('select pg_sleep(0.3); rollback')
      expect(await running).toMatchObject({exitCode: 0})
    })
  })
})
