import {mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {projectDatabase} from '../../src/lib/server/project.js'
import {folderOfTest} from '../support/temporary-folder.js'

it('a project has a database of its own, whatever it is called and wherever it is moved', () => {
  const home = folderOfTest()
  const database = (folder: string): string => {
    mkdirSync(join(home, folder), {recursive: true})
    return projectDatabase(home, join(home, folder), {record: true})
  }
  const write = (folder: string, file: string, text: string): void => {
    mkdirSync(join(home, folder), {recursive: true})
    writeFileSync(join(home, folder, file), text)
  }
  write('named', 'package.json', '{"name": "@team/Größen-3"}')
  write('broken', 'package.json', '{')
  mkdirSync(join(home, 'mono', '.git'), {recursive: true})
  mkdirSync(join(home, 'mono', 'sql'))
  write('mono/web', 'package.json', '{"name": "web"}')
  expect(database('named')).toBe('großen_3')
  expect(database('broken')).toBe('broken')
  expect(database('mono/web')).toBe('mono')
  expect(database('mono/api/deep')).toBe('mono')
  expect(database('postgres')).toBe('postgres_app')
  expect(database('my app')).toBe('my_app')
  expect(database('other/my-app')).toBe('my_app_2')
  expect(database(`${'x'.repeat(39)}ü`)).toBe(`${'x'.repeat(39)}u`)
  expect(database('...')).toBe('app')
  renameSync(join(home, 'other/my-app'), join(home, 'renamed'))
  expect(database('renamed')).toBe('my_app_2')
  rmSync(join(home, 'my app'), {recursive: true})
  expect(database('third/my_app')).toBe('my_app_3')
})
