import {execa} from 'execa'
import {existsSync} from 'node:fs'
import {lstat, readFile, realpath} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {beforeAll, describe, expect, it} from 'vitest'
import {bareEnvironment} from '../support/cli.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = temporaryFolder()
let files: string[]

interface Packed {
  filename: string
  size: number
  files: {path: string}[]
}

/** Without network, and without building again under the feet of other tests. */
async function npm(args: string[]): Promise<string> {
  const settings = {
    npm_config_ignore_scripts: 'true',
    npm_config_offline: 'true',
    npm_config_cache: join(folder, 'cache'),
  }
  return (await execa('npm', args, {cwd: root, env: {...bareEnvironment, HOME: folder, ...settings}, extendEnv: false}))
    .stdout
}

let packed: Packed
beforeAll(async () => {
  const list = JSON.parse(await npm(['pack', '--json', '--pack-destination', folder])) as Packed[]
  packed = list[0] as Packed
  files = packed.files.map(({path}) => path)
})

describe('the package', () => {
  it('has every page and picture that its pages link, and each heading that is linked', async () => {
    const pages = files.filter((path) => path.endsWith('.md'))
    expect(pages).toContain('README.md')
    const broken: string[] = []
    for (const page of pages) {
      const text = await readFile(join(root, page), 'utf8')
      const links = [...text.matchAll(/\]\((?!\w+:)([^)\s]*)\)/g)].map(([, link = '']) => link.split('#'))
      for (const [path = '', heading] of links) {
        const target = path === '' ? page : join(dirname(page), path)
        if (!files.includes(target)) broken.push(`${page}: ${path}`)
        else if (heading !== undefined && !headings(await readFile(join(root, target), 'utf8')).includes(heading))
          broken.push(`${page}: ${path}#${heading}`)
      }
    }

    expect(broken).toEqual([])
  })

  it('is no larger than 1.5 megabytes', () => {
    expect(packed.size).toBeLessThan(1_500_000)
  })

  // npm links no man pages on Windows.
  it.skipIf(process.platform === 'win32')('brings its man page where it is installed for all projects', async () => {
    const prefix = join(folder, 'global')
    await npm([
      'install',
      '--global',
      '--prefix',
      prefix,
      '--omit=optional',
      '--legacy-peer-deps',
      '--no-package-lock',
      root,
    ])
    const page = join(prefix, 'share', 'man', 'man1', 'cruddur-db.1')
    expect((await lstat(page)).isSymbolicLink()).toBe(true)
    expect(existsSync(await realpath(page))).toBe(true)
  })
})

/** As Markdown's readers name them for links. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  )
}
