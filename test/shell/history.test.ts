import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, it} from 'vitest'
import {History} from '../../src/lib/shell/history.js'

const folder = mkdtempSync(join(tmpdir(), 'cruddur-history-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))

describe('the history', () => {
  it('is kept in a file, closed to others, the newest first', () => {
    const path = join(folder, 'plain')
    const history = new History(path)
    history.add(['select 1;'], true)
    history.add(['select', '  2;'], true)
    history.add(['select 2;'], true)
    history.add(["select 'a", "b';"], false)
    history.add(['  '], true)
    expect(new History(path).entries).toEqual(["b';", "select 'a", 'select 2;', 'select 1;'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it.each([
    ["alter role ada password 'x';"],
    ['ALTER USER ada', "ENCRYPTED PASSWORD 'x';"],
    ["select dblink('postgres://u:x@h/d', 'select 1');"],
    ["create user mapping for a server s options (passwd 'x');"],
    ["select set_config('my.client_secret', 'x', false);"],
  ])('does not hold %j', (...lines) => {
    const path = join(folder, 'secrets')
    const history = new History(path)
    history.add(lines, true)
    history.add(['select 1;'], true)
    expect(history.entries).toEqual(['select 1;'])
    expect(readFileSync(path, 'utf8')).toBe('select 1;\n')
    rmSync(path)
  })

  it('does not grow without end, and goes on without a file', () => {
    const path = join(folder, 'long')
    writeFileSync(path, Array.from({length: 5000}, (_, n) => `select ${n};\n`).join(''))
    expect(new History(path).entries).toHaveLength(1000)
    expect(readFileSync(path, 'utf8').split('\n').slice(0, 1)).toEqual(['select 4000;'])
    for (const nowhere of [undefined, join(folder, 'no', 'folder')]) {
      const history = new History(nowhere)
      history.add(['select 1;'], true)
      expect(history.entries).toEqual(['select 1;'])
    }
  })
})
