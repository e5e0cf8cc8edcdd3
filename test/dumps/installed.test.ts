import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli, type CliResult, json} from '../support/cli.js'
import {type FakePostgres, fakePostgres, welcome} from '../support/fake-postgres.js'
import {writePgDumpStub} from '../support/pg-dump-stub.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()
const head = `--
-- PostgreSQL database dump
--

`
const dumped = `SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE public.t ();

--
-- PostgreSQL database dump complete
--
`
const text = `${head}\\restrict cruddur

-- Dumped from database version 19.1
-- Dumped by pg_dump version 19.2

${dumped}
\\unrestrict cruddur
`
let server: FakePostgres

beforeAll(async () => {
  server = await fakePostgres(welcome('19.1'))
})
afterAll(() => server.close())

const dump = (): Promise<CliResult> =>
  cli(['schema:dump', '--json'], {
    env: {
      PATH: folder,
      PGSSLMODE: 'verify-full',
      CONNECTION_URL: `postgresql://ada:secret@127.0.0.1:${server.port}/app?sslmode=disable&options=-c%20work_mem%3D7MB`,
    },
  })

describe('schema:dump of a server that is newer than its own pg_dump', () => {
  it('says so where no pg_dump is installed, or an older one', async () => {
    for (const version of [undefined, '18.4']) {
      if (version !== undefined) await writePgDumpStub(folder, version, text)
      const refused = await dump()
      expect(json(refused).error).toMatchObject({
        code: 'server_too_new',
        exit_code: 5,
        details: {version: 19},
        next: [expect.stringContaining('pg_dump 19') as string],
      })
    }
  })

  it('runs one that is new enough, with the target in variables and no password in arguments', async () => {
    await writePgDumpStub(folder, '19.2', text)
    expect(json(await dump()).result).toMatchObject({sql: head + dumped})
    const {args, env} = JSON.parse(await readFile(join(folder, 'call.json'), 'utf8')) as {
      args: string[]
      env: Record<string, string>
    }
    expect(args).toEqual(expect.arrayContaining(['--schema-only', '--no-owner', '--no-password']))
    expect(args.join(' ')).not.toContain('secret')
    expect(env).toMatchObject({
      PGHOST: '127.0.0.1',
      PGPORT: String(server.port),
      PGUSER: 'ada',
      PGPASSWORD: 'secret',
      PGDATABASE: 'app',
      PGSSLMODE: 'disable',
      PGOPTIONS: '-c work_mem=7MB',
    })
  })

  it('does not take a text that has no end', async () => {
    await writePgDumpStub(folder, '19.2', text.slice(0, 200))
    expect(await dump()).toMatchObject({exitCode: 1})
  })
})
