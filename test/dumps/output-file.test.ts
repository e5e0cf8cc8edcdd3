import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {OutputFile} from '../../src/lib/dumps/output-file.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const cwd = temporaryFolder()

it('a full disk leaves neither the file nor a draft', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {code: 'ENOSPC', syscall: 'write'})
  const writing = OutputFile.write('full.sql', {cwd}, async (handle) => {
    await handle.writeFile('half')
    throw full
  })
  await expect(writing).rejects.toMatchObject({code: 'file_unwritable', details: {reason: 'ENOSPC'}})
  expect(await readdir(cwd)).toEqual([])
})

it('of two that write a file of one name, one wins and the other is told', async () => {
  const write = (text: string): Promise<void> => OutputFile.write('both.sql', {cwd}, (handle) => handle.writeFile(text))
  const outcomes = await Promise.allSettled([write('one'), write('two')])
  expect(outcomes.map(({status}) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(outcomes.find(({status}) => status === 'rejected')).toMatchObject({reason: {code: 'file_exists'}})
  expect(await readFile(join(cwd, 'both.sql'), 'utf8')).toMatch(/^(one|two)$/)
  expect(await readdir(cwd)).toEqual(['both.sql'])
})
