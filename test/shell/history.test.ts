import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, it} from 'vitest'
import {HistorySearch} from '../../src/lib/shell/history-search.js'
import {History} from '../../src/lib/shell/history.js'

const folder = mkdtempSync(join(tmpdir(), 'cruddur-history-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))

describe('the history', () => {
  it('is kept in a file, closed to others, the newest first', () => {
    const path = join(folder, 'plain')
    const history = new History(path)
    history.add('select 1;')
    history.add('select 2;')
    history.add('select 2;')
    history.add("select 'a\n  b'; -- why\n")
    history.add('  ')
    expect(new History(path).entries).toEqual(["select 'a\n  b'; -- why", 'select 2;', 'select 1;'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it.each([
    ["alter role ada password 'x';"],
    ["ALTER USER ada\nENCRYPTED PASSWORD 'x';"],
    ["select dblink('postgres://u:x@h/d', 'select 1');"],
    ["select dblink_connect('host=h password=x');"],
    ["create subscription s connection 'host=h password = x user=u' publication p;"],
    ["create user mapping for a server s options (passwd 'x');"],
    ["select set_config('my.client_secret', 'x', false);"],
    ['update users set password = $$x$$;'],
  ])('does not write %j into the file, and brings it back in this session', (statement) => {
    const path = join(folder, 'secrets')
    const history = new History(path)
    history.add(statement)
    history.add('select password_hash, password from users;')
    expect(history.entries).toEqual(['select password_hash, password from users;', statement])
    expect(readFileSync(path, 'utf8')).toBe('select password_hash, password from users;\n')
    expect(history.text()).toBe('select password_hash, password from users;\n')
    rmSync(path)
  })

  it('does not grow without end, and goes on without a file', () => {
    const path = join(folder, 'long')
    writeFileSync(path, Array.from({length: 5000}, (_, n) => `select ${n};\n`).join(''))
    expect(new History(path).entries).toHaveLength(1000)
    expect(readFileSync(path, 'utf8').split('\n').slice(0, 1)).toEqual(['select 4000;'])
    for (const nowhere of [undefined, join(folder, 'no', 'folder')]) {
      const history = new History(nowhere)
      history.add('select 1;')
      expect(history.entries).toEqual(['select 1;'])
    }
  })
})

describe('a search in the history', () => {
  const search = (typed: string): HistorySearch => {
    const found = new HistorySearch(['select B;', 'update users', 'select a;'])
    for (const letter of typed) found.type(letter)
    return found
  }

  it('finds the newest statement with the text, then older ones, and shows where', () => {
    const found = search('sel')
    expect(found.found).toEqual({prompt: "(reverse-i-search)`sel': ", text: 'select B;', cursor: 0})
    found.older()
    expect(found.found.text).toBe('select a;')
    found.older()
    expect(found.found).toMatchObject({prompt: "(failed reverse-i-search)`sel': ", text: 'select a;'})
    found.erase()
    expect(found.found).toMatchObject({prompt: "(reverse-i-search)`se': ", text: 'select B;'})
    expect(search('ERS').found).toMatchObject({text: 'update users', cursor: 9})
  })
})
