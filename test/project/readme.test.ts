import {readFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {expect, it} from 'vitest'
import {exitCodes} from '../../src/lib/errors.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')

it('README.md holds the command reference as the commands give it (npm run docs:reference)', async () => {
  const {stdout} = await execa(process.execPath, ['scripts/reference.js'], {cwd: root})
  expect(readme).toContain(stdout)
})

it('README.md lists every exit code', () => {
  for (const code of Object.values(exitCodes)) expect(readme).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
})
