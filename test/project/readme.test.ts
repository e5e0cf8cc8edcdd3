import {execa} from 'execa'
import {readFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import {expect, it} from 'vitest'
import {exitCodes} from '../../src/lib/errors.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

it('docs/commands.md holds the command reference as the commands give it (npm run docs:reference)', async () => {
  const {stdout} = await execa(process.execPath, ['scripts/reference.js'], {cwd: root})
  expect(await page('docs/commands.md')).toContain(stdout)
})

it('README.md shows pictures that are there, small, without scripts and without a path of any machine', async () => {
  const pictures = [...(await page('README.md')).matchAll(/!\[.+\]\((docs\/screens\/\S+\.svg)\)/g)].map(
    ([, path = '']) => path,
  )
  expect(pictures.map((path) => path.slice('docs/screens/'.length))).toEqual([
    'setup.svg',
    'sql-error.svg',
    'sessions.svg',
    'doctor.svg',
  ])
  for (const path of pictures) {
    const picture = await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
    expect(picture.length).toBeLessThan(30_000)
    expect(picture).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*role="img">\n<title>cruddur-db /)
    expect(picture).not.toMatch(/<script|<foreignObject|\bon\w+=|href|\/(tmp|home|work|root|Users|var)\//)
  }
})

it('the man page has every command, flag, setting and exit code', async () => {
  const man = await page('man/cruddur-db.1')
  const {commands} = JSON.parse(await readFile(new URL('../../oclif.manifest.json', import.meta.url), 'utf8')) as {
    commands: Record<string, {flags: Record<string, unknown>}>
  }
  const text = man.replaceAll('\\-', '-')
  for (const [id, {flags}] of Object.entries(commands)) {
    const section = text.split(`\n.SS ${id}`)[1]?.split('\n.S')[0] ?? ''
    for (const flag of Object.keys(flags)) expect(section, id).toContain(`\\fB--${flag}\\fR`)
  }

  for (const code of Object.values(exitCodes)) expect(text).toContain(`\n.TP\n${code}\n`)
  for (const setting of ['CRUDDUR_DB_HOME', 'PROD_CONNECTION_URL', 'NO_COLOR']) expect(text).toContain(setting)
  // A line of text that begins like a request would be one.
  expect(
    text.split('\n').filter((line) => /^[.']/.test(line) && !/^\.(TH|SH|SS|TP|PP|EX|EE|B|BR|I)\b/.test(line)),
  ).toEqual([])
})

it('docs/settings.md lists every exit code', async () => {
  const settings = await page('docs/settings.md')
  for (const code of Object.values(exitCodes)) expect(settings).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
})
