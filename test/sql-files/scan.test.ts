import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {lossesIn} from '../../src/lib/sql-files/scan.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()

async function losses(text: string, variables: Record<string, string> = {}): Promise<string[]> {
  const path = join(folder, 'a.sql')
  await writeFile(path, text)
  const found = await lossesIn([{path}], {cwd: folder, variables})
  return found.map((loss) => (loss.kind === 'anything' ? loss.kind : `${loss.kind} ${loss.name.join('.')}`))
}

describe('what a file in psql’s language drops', () => {
  it.each([
    ['a name in a variable', '\\set t users\ndrop table :t;', ['table users']],
    ['a name in quotes in a variable', '\\set t "Us"\ndrop table :"t";', ['table "Us"']],
    ['a whole statement in a variable', "\\set d 'drop table users'\n:d;", ['table users']],
    ['a second statement in a variable', "\\set d '1; drop table users'\nselect :d;", ['table users']],
    ['a variable that is not set', 'drop table :t;', ['anything']],
    ['a branch that is taken', '\\if 1\ndrop table a;\n\\else\ndrop table b;\n\\endif', ['table a']],
    ['a statement that ends with \\g', 'drop table a \\g\n', ['table a']],
    ['statements joined by \\;', 'select 1\\; drop table a;', ['table a']],
    ['no quoted result of another statement', "select 'x' as x \\gset\nselect :'x', :\"x\";", []],
    ['a result of another statement as SQL', "select 'x' as x \\gset\nselect :x;", ['anything']],
    ['a result of another statement as a name', 'select \'x\' as x \\gset\ndrop table :"x";', ['anything']],
    ['a result by any column', 'select * from t \\gset p_\nselect :p_x;', ['anything']],
    ['no other variable after a result', "\\set a 1\nselect 'x' as x \\gset\nselect :a, :b;", []],
    ['a variable that is set again', "select 'x' as x \\gset\n\\set x 1\nselect :x;", []],
    [
      'both branches of an unknown result',
      'select true as x \\gset\n\\if :x\ndrop table a;\n\\else\ndrop table b;\n\\endif',
      ['table a', 'table b'],
    ],
    [
      'a variable set in an unknown branch',
      'select true as x \\gset\n\\set t a\n\\if :x\n\\set t b\n\\endif\ndrop table :t;',
      ['anything', 'anything'],
    ],
    ['a copy of a variable with a result', "select 'x' as x \\gset\n\\set y :x\nselect :y;", ['anything']],
    ['statements that another one makes', "select 'drop table a' \\gexec\n", ['anything']],
    ['the name of the session’s database', 'select :DBNAME;', ['anything']],
    ['the number of rows of a statement', 'select 1;\nselect :ROW_COUNT;', ['anything']],
    ['a file whose name is a result', "select 'x' as x \\gset\n\\i :x\n", ['anything']],
  ])('%s', async (_, text, expected) => {
    expect(await losses(text)).toEqual(expected)
  })

  it('counts the variables that are given', async () => {
    expect(await losses('\\if :{?t}\n\\else\n\\set t a\n\\endif\ndrop table :t;', {t: 'b'})).toEqual(['table b'])
    expect(await losses('drop table :DBNAME;', {DBNAME: 'x'})).toEqual(['table x'])
  })
})
