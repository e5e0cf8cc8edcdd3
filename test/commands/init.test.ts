import {execa} from 'execa'
import {chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {readVariables} from '../../src/lib/targets/variables.js'
import {cli, type CliResult, json, program} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {folderOfTest} from '../support/temporary-folder.js'

let folder: string

beforeEach(() => {
  folder = folderOfTest()
})
afterEach(() => chmod(folder, 0o755))

const init = (...flags: string[]): Promise<CliResult> => cli(['init', ...flags], {cwd: folder})
const read = (file: string): Promise<string> => readFile(join(folder, file), 'utf8')
const put = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text)
/** What became of each file, by its name. */
const states = async (): Promise<Record<string, string>> => {
  const {files} = json(await init('--json')).result as {files: {file: string; state: string}[]}
  return Object.fromEntries(files.map(({file, state}) => [file, state]))
}
const line = /^# CONNECTION_URL=postgresql:\/\/.* # .*embedded server\n$/

describe('init', () => {
  it('writes files that setup, schema:load and seed work with at once, and leaves them alone the next time', async () => {
    const first = await init()
    expect(first).toMatchObject({exitCode: 0, stderr: ''})
    expect(first.stdout).toBe(
      'written  sql/schema.sql\nwritten  sql/seed.sql\nwritten  .env\n\nNext: write your tables into sql/schema.sql. Then build the database from it, which replaces an existing one: cruddur-db setup',
    )
    expect(await read('.env')).toMatch(line)
    if (process.platform !== 'win32') expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600)
    const files = ['sql/schema.sql', 'sql/seed.sql', '.env']
    const before = await Promise.all(files.map(read))
    expect(before[0]).not.toMatch(/^\s*drop\b/im)
    expect(await states()).toEqual({'sql/schema.sql': 'kept', 'sql/seed.sql': 'kept', '.env': 'kept'})
    expect(await init()).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('kept     sql/schema.sql\n') as string,
    })
    expect(await Promise.all(files.map(read))).toEqual(before)
    expect((await readdir(folder, {recursive: true})).sort()).toEqual(['.env', 'sql', 'sql/schema.sql', 'sql/seed.sql'])

    const database = uniqueName('init')
    const env = {CONNECTION_URL: urlOf(database)}
    expect(await cli(['setup'], {env, cwd: folder})).toMatchObject({exitCode: 0})
    expect(await query(database, 'select count(*)::int as n from posts')).toEqual([{n: 2}])
    await query(database, "insert into authors (name, email) values ('One', 'one@example.com')")
    await cli(['drop'], {env})
  })

  it('leaves the embedded server in use, which a URL in the line replaces', async () => {
    await init()
    expect(readVariables({}, folder).find('CONNECTION_URL')).toBeUndefined()
    await put('.env', (await read('.env')).replace('# ', ''))
    expect(readVariables({}, folder).find('CONNECTION_URL')?.value).toBe(
      'postgresql://user:password@localhost:5432/database',
    )
  })

  it.each([
    ['A=b\n', 'A=b\nLINE\n'],
    ['A=b', 'A=b\nLINE\n'],
    ['', 'LINE\n'],
    ['A=b\r\nC=d', 'A=b\r\nC=d\r\nLINE\r\n'],
    ['PROD_CONNECTION_URL=postgresql://h/d\n', 'PROD_CONNECTION_URL=postgresql://h/d\nLINE\n'],
  ])('adds its line to a .env of %j, once', async (text, after) => {
    await put('.env', text)
    await chmod(join(folder, '.env'), 0o640)
    expect(await states()).toMatchObject({'.env': 'written'})
    const added = await read('.env')
    expect(added.replace(/# CONNECTION_URL=.*embedded server/, 'LINE')).toBe(after)
    expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o640)
    expect(await states()).toMatchObject({'.env': 'kept'})
    expect(await read('.env')).toBe(added)
  })

  it.each([
    'CONNECTION_URL=postgresql://h/d',
    'A=b\n export CONNECTION_URL = x\n',
    '#CONNECTION_URL=\n',
    'CONNECTION_URL=\r\n',
  ])('leaves a .env of %j alone', async (text) => {
    await put('.env', text)
    expect(await states()).toMatchObject({'.env': 'kept'})
    expect(await read('.env')).toBe(text)
  })

  it.each([
    ['UTF-16LE with its mark', Buffer.from('\uFEFFA=b\r\n', 'utf16le')],
    ['UTF-16BE without a mark', Buffer.from('A=b\r\n', 'utf16le').swap16()],
  ])('changes nothing next to a .env in %s', async (_, bytes) => {
    await writeFile(join(folder, '.env'), bytes)
    expect(await init()).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining('.env is encoded in UTF-16') as string,
    })
    expect(json(await init('--json')).error).toMatchObject({code: 'env_file_not_utf8'})
    expect(await readFile(join(folder, '.env'))).toEqual(bytes)
    expect(await readdir(folder)).toEqual(['.env'])
  })

  it('writes no second seed beside one of another form, and no rows for tables that are not its own', async () => {
    await mkdir(join(folder, 'sql', 'seed'), {recursive: true})
    expect(await states()).toMatchObject({'sql/schema.sql': 'written', 'sql/seed.sql': 'kept'})
    expect(await readdir(join(folder, 'sql'))).toEqual(['schema.sql', 'seed'])
    await rm(join(folder, 'sql'), {recursive: true})
    await mkdir(join(folder, 'sql'))
    await put('sql/schema.sql', 'create table mine ();')
    expect(await states()).toMatchObject({'sql/schema.sql': 'kept', 'sql/seed.sql': 'written'})
    expect(await read('sql/seed.sql')).toMatch(/^(-- .*\n)+$/)
    expect(await read('sql/schema.sql')).toBe('create table mine ();')
    const database = uniqueName('init')
    const env = {CONNECTION_URL: urlOf(database)}
    expect(await cli(['setup'], {env, cwd: folder})).toMatchObject({exitCode: 0})
    await cli(['drop'], {env})
  })

  it('follows no link, whether it leads somewhere or nowhere, and passes folders and pipes over', async () => {
    const outside = join(folder, 'outside')
    await mkdir(outside)
    await mkdir(join(folder, 'sql'))
    await writeFile(join(outside, 'env'), 'A=b\n')
    for (const [link, to] of [
      ['sql/schema.sql', '../outside/schema.sql'],
      ['sql/seed.sql', '../outside/seed.sql'],
      ['.env', 'outside/nothing'],
    ] as const)
      await symlink(to, join(folder, link))
    expect(await states()).toEqual({'sql/schema.sql': 'kept', 'sql/seed.sql': 'kept', '.env': 'kept'})
    const remake = async (make: () => Promise<unknown>): Promise<void> => {
      await rm(join(folder, '.env'), {recursive: true})
      await make()
      expect(await states()).toMatchObject({'.env': 'kept'})
    }
    await remake(() => symlink('outside/env', join(folder, '.env')))
    await remake(() => mkdir(join(folder, '.env')))
    await remake(() => execa('mkfifo', [join(folder, '.env')]))
    expect((await lstat(join(folder, '.env'))).isFIFO()).toBe(true)
    expect(await readdir(outside)).toEqual(['env'])
    expect(await readFile(join(outside, 'env'), 'utf8')).toBe('A=b\n')
  })

  it('says what it cannot write, with exit code 3, and leaves no half of a file', async () => {
    await put('sql', 'select 1;')
    const {error} = json(await init('--json'))
    expect(error).toMatchObject({code: 'file_unwritable', exit_code: 3})
    expect(error?.message).toContain(`${join(folder, 'sql')} is not a folder`)
    expect(await read('sql')).toBe('select 1;')
    await rm(join(folder, 'sql'))
    await symlink('nowhere', join(folder, 'sql'))
    expect(json(await init('--json')).error?.message).toContain(`${join(folder, 'sql')} is not a folder`)
    await rm(join(folder, 'sql'))
    const full = await execa('sh', ['-c', `ulimit -f 0; exec "$0" "$1" init`, process.execPath, program], {
      cwd: folder,
      reject: false,
    })
    expect(full).toMatchObject({exitCode: 3})
    expect(full.stderr).toContain('cannot be written (EFBIG)')
    expect(await readdir(folder, {recursive: true})).toEqual(['sql'])
    if (process.getuid?.() === 0) return
    await rm(join(folder, 'sql'), {recursive: true})
    await chmod(folder, 0o555)
    expect(await init()).toMatchObject({exitCode: 3})
  })
})
