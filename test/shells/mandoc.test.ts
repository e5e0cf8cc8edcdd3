import {execa} from 'execa'
import {fileURLToPath} from 'node:url'
import {expect, it} from 'vitest'

it('mandoc finds no fault in the man page but that it has no date', async () => {
  const page = fileURLToPath(new URL('../../man/cruddur-db.1', import.meta.url))
  const {stdout} = await execa('mandoc', ['-T', 'lint', '-W', 'warning', page], {reject: false})
  expect(stdout.split('\n')).toEqual([expect.stringContaining('WARNING: missing date')])
})
