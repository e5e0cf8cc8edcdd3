import {execa} from 'execa'
import {realpath} from 'node:fs/promises'
import {join} from 'node:path'
import {beforeAll, expect, it} from 'vitest'
import {machine, root} from './machine.js'

const here = machine()
let tarball: string

beforeAll(async () => {
  const folder = await here.folder('Päckchen ein')
  const {stdout} = await execa('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {cwd: root})
  tarball = join(folder, (JSON.parse(stdout) as [{filename: string}])[0].filename)
})

it.each([
  {node: 20, npm: 10},
  {node: 24, npm: 11},
] as const)(
  'in an empty folder, init and setup make and fill a database, with Node $node and npm $npm',
  async (toolchain) => {
    const project = await here.folder(`eigenes Gerät ${toolchain.node}`)
    const user = await here.user(toolchain)
    await user.run(`npm i -D "${tarball}"`, project)
    await user.run('npx cruddur-db init', project)
    expect((await user.run('npx cruddur-db setup', project)).stdout).toMatch(/^seed .*sql\/seed\.sql/m)
    await user.run("npx -c 'cruddur-db sessions && cruddur-db doctor'", project)
  },
)

it.each([
  {node: 22, npm: 10},
  {node: 24, npm: 11},
] as const)('npm i --global links the man page, with npm $npm', async (toolchain) => {
  const prefix = await here.folder(`Präfix ${toolchain.npm}`)
  const user = await here.user(toolchain)
  await user.run(`npm i --global --omit=optional --prefix "${prefix}" "${tarball}"`, prefix)
  const page = join(prefix, 'lib', 'node_modules', 'cruddur-db', 'man', 'cruddur-db.1')
  expect(await realpath(join(prefix, 'share', 'man', 'man1', 'cruddur-db.1'))).toBe(await realpath(page))
  expect((await user.run(`"${join(prefix, 'bin', 'cruddur-db')}" --version`, prefix)).stdout).toContain('cruddur-db/')
})
