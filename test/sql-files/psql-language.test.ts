import {readFileSync} from 'node:fs'
import {mkdir, writeFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {query, uniqueName} from '../support/databases.js'
import {languageFiles, type Outcome, outcomeOfFile, recordedOutcomes} from '../support/psql-language.js'
import {runTexts} from '../support/run-text.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const database = uniqueName('language')
const own = uniqueName('commands')
const folder = temporaryFolder()
beforeAll(async () => {
  await query('postgres', `create database "${own}"`)
})
afterAll(async () => {
  for (const name of [database, own]) await query('postgres', `drop database if exists "${name}"`)
})

const recorded = JSON.parse(readFileSync(recordedOutcomes, 'utf8')) as Record<string, Outcome>

describe("a file in psql's language does what psql does", () => {
  it('has at least 60 files', () => {
    expect(Object.keys(recorded).sort()).toEqual([...languageFiles].sort())
    expect(languageFiles.length).toBeGreaterThanOrEqual(60)
  })

  it.each(languageFiles)('%s', async (name) => {
    expect(await outcomeOfFile(database, name)).toEqual(recorded[name])
  })
})

describe('a psql command in a file', () => {
  it('takes variables from outside', async () => {
    const {said} = await runTexts(own, ["select :'a' as a, :b + 1 as b \\gset got_\n\\echo :got_a :got_b\n"], {
      variables: {a: "it's", b: '41'},
    })
    expect(said).toEqual([{kind: 'echo', text: "it's 42"}])
  })

  it('that only shows something is passed over, which is said once', async () => {
    const {summary, said} = await runTexts(own, ['\\timing on\n\\d pg_class\n\\timing off\nselect 1;\n'])
    expect(summary).toMatchObject({statements: 1})
    expect(said.map(({kind, text}) => `${kind} ${text}`)).toEqual([
      expect.stringMatching(/^remark 1\.sql:1: \\timing was passed over/),
      expect.stringMatching(/^remark 1\.sql:2: \\d was passed over/),
    ])
  })

  it.each([
    ['\\! ls', 'runs a program'],
    ['\\echo `date`', 'backquotes'],
    ["\\copy t to 'f.csv'", 'writes a file'],
    ["\\copy t from program 'cat f'", 'runs a program'],
    ['\\copy t', '\\copy table from'],
    ['\\o |cat', 'runs a program'],
    ['select 1 \\g |cat', 'a file or a program'],
    ['\\prompt name', '--set name=value'],
    ['\\watch 2', 'repeats'],
    ["\\set a 'open", 'not closed'],
    ['\\set a-b c', 'Invalid variable name'],
    ['\\gone', 'no such command'],
    ['\\connect elsewhere', 'another database'],
    ['select 1 as "a b" \\gset', 'name "a b"'],
    ['select 1 as x where false \\gset', 'returned none'],
  ])('%s is refused with the reason, and nothing is changed', async (line, reason) => {
    const {error} = await runTexts(own, [`create table made ();\n${line}\n`])
    expect([error?.message, ...(error?.next ?? [])].join('\n')).toContain(reason)
    expect(error).toMatchObject({details: {place: {line: 2}}})
    expect(error?.next).toContain('Nothing was changed.')
    expect(await query(own, "select to_regclass('made') as made")).toEqual([{made: null}])
  })

  it('reads ~ as the home folder, and both letter cases of copy', async () => {
    const {error} = await runTexts(own, ["create temp table t (a int);\n\\COPY t FROM '~/none-such.csv'\n"])
    expect(error).toMatchObject({code: 'file_missing', details: {file: join(homedir(), 'none-such.csv')}})
  })

  it('points to the statement in the file, around replaced text', async () => {
    const head = "\\set long 'a_rather_long_name'\n"
    const {error} = await runTexts(own, [`${head}select 1 as :long,\n  nowhere\n  as :long;\n`])
    expect(error?.details.place).toMatchObject({line: 3, column: 3, text: '  nowhere'})
    const inside = await runTexts(own, [`${head}select 1 as x,\n\\echo between\n  é, :long, 2;\n`])
    expect(inside.error?.details.place).toMatchObject({line: 4, column: 3})
    const value = await runTexts(own, [`${head}select 1 as x, 'é',\n  :long, 2;\n`])
    expect(value.error?.details.place).toMatchObject({line: 3, column: 3})
  })

  it('shows the statement that \\gexec has made', async () => {
    const {error} = await runTexts(own, ["select 'select 1', 'select nonsense from x' \\gexec\n"])
    expect(error?.next).toContain('The statement: select nonsense from x')
    expect(error?.details.place).toMatchObject({line: 1, column: 45})
  })

  it('names the \\if that has no \\endif', async () => {
    const {error} = await runTexts(own, ['select 1;\n\\if true\nselect 2;\n'])
    expect(error).toMatchObject({code: 'script_unterminated', details: {place: {line: 2, column: 1}}})
  })

  it('runs what \\; joins in one transaction without ours', async () => {
    const text =
      'create table joined (a int primary key);\ninsert into joined values (1)\\; insert into joined values (1);\n'
    const {error} = await runTexts(own, [text], {transaction: false})
    expect(error?.code).toBe('23505')
    expect(await query(own, 'select count(*)::int as n from joined')).toEqual([{n: 0}])
    await query(own, 'drop table joined')
  })

  it('searches files in the folder of \\cd', async () => {
    await mkdir(join(folder, 'deep'), {recursive: true})
    await writeFile(join(folder, 'deep', 'part.sql'), '\\echo part\n')
    const {said} = await runTexts(own, [`\\cd '${folder}'\n\\i deep/part.sql\n`])
    expect(said).toEqual([{kind: 'echo', text: 'part'}])
  })
})
