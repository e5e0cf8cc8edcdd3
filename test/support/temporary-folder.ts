import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, onTestFinished} from 'vitest'
import {prefixOfTests} from './run-folder.js'

const make = (): string => mkdtempSync(join(tmpdir(), prefixOfTests))
const remove = (folder: string): void => rmSync(folder, {recursive: true, force: true})

/** An empty folder for all tests of a file, which calls this at its top; removed after them. */
export function temporaryFolder(): string {
  const folder = make()
  afterAll(() => remove(folder))
  return folder
}

/** An empty folder for one test, which calls this itself or in `beforeEach`; removed after it. */
export function folderOfTest(): string {
  const folder = make()
  onTestFinished(() => remove(folder))
  return folder
}
