import {readFile} from 'node:fs/promises'
import {expect, it} from 'vitest'

it('the licenses of bundled packages come along', async () => {
  const text = await readFile(new URL('../../dist/THIRD-PARTY-LICENSES.txt', import.meta.url), 'utf8')
  for (const name of ['@oclif/core', '@aws-sdk/client-ec2', 'pg', 'chalk', 'execa'])
    expect(text).toMatch(new RegExp(`(^|, )${name} \\d`, 'm'))
  expect(text).toContain('Apache License')
})
