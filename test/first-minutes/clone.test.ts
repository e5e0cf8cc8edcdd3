import {readdir, readFile, rm, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {machine, root, toolchains, type User} from './machine.js'

const here = machine()
const {version} = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {version: string}

/** When each file that the build makes was written. */
async function built(clone: string): Promise<Record<string, number>> {
  const files = (await readdir(join(clone, 'dist'), {recursive: true})).filter((name) => !name.startsWith('.cache'))
  const paths = ['oclif.manifest.json', 'man/cruddur-db.1', ...files.map((name) => join('dist', name))]
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, (await stat(join(clone, path))).mtimeMs] as const)),
  )
}

/** README's first commands, after npm ci. */
async function follow(user: User, clone: string): Promise<void> {
  const run = (line: string): ReturnType<User['run']> => user.run(line, clone)
  expect((await run('command -v psql || echo none')).stdout).toBe('none')
  const setup = await run('npx cruddur-db setup')
  expect(setup.stdout).toMatch(/^seed .*sql\/seed\.sql/m)
  expect(setup.stdout).toContain('To open it: npx cruddur-db connect\n')
  // As the db:* scripts do it: npx takes longer than they do, and has found the program.
  for (const command of ['sessions', 'target', 'doctor', 'server:status']) await run(`node bin/run.js ${command}`)
  expect((await run('node bin/run.js activity:home')).stdout).toContain('Ada')
  expect((await run("npx cruddur-db connect -- -c 'select count(*) from users'")).stdout).toContain('3')
  await run('npm run db:setup')
  await run('npx cruddur-db undo')
}

it('README.md has the commands that are tried here', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  for (const command of [
    'npm ci && npx cruddur-db setup',
    'npm i -D cruddur-db && npx cruddur-db init && npx cruddur-db setup',
  ])
    expect(readme).toContain(command)
})

// CI installs by its own npm; that of a Node that is out of date is the one to try.
describe('a clone made with Node 20 and npm 10', () => {
  let clone: string

  beforeAll(async () => {
    clone = await here.clone('mein Klön')
    await (await here.user({node: 20, npm: 10})).run('npm ci', clone)
  })

  it.each([
    {node: 20, npm: 10},
    {node: 22, npm: 10},
    {node: 24, npm: 11},
  ] as const)('has a filled database after one command, with Node $node and npm $npm', async (toolchain) => {
    const before = await built(clone)
    await follow(await here.user(toolchain), clone)
    expect(await built(clone)).toEqual(before)
  })

  it.each(toolchains)(
    'runs what is built, at the first call and at the next, with Node $node and npm $npm',
    async (toolchain) => {
      const user = await here.user(toolchain)
      const before = await built(clone)
      for (const turn of ['first', 'next']) {
        const {stdout} = await user.run('npx cruddur-db --version', clone)
        expect(stdout, turn).toContain(`cruddur-db/${version} `)
        expect(stdout, turn).toContain(`node-v${toolchain.node}.`)
      }

      expect((await user.run('npm run db:target', clone)).stdout).toContain('embedded server')
      expect(await built(clone)).toEqual(before)
    },
  )

  it('is built again by npm pack, and by npx where a build is missing', async () => {
    const user = await here.user({node: 24, npm: 11})
    const before = await built(clone)
    await user.run('npm pack', clone)
    const packed = await built(clone)
    expect(Object.keys(packed)).toEqual(Object.keys(before))
    for (const [path, time] of Object.entries(packed)) expect(time, path).toBeGreaterThan(before[path] ?? Infinity)
    await rm(join(clone, 'oclif.manifest.json'))
    expect((await user.run('npx cruddur-db --version', clone)).stdout).toContain('cruddur-db/')
    expect((await built(clone))['dist/start.cjs']).toBeGreaterThan(packed['dist/start.cjs'] ?? Infinity)
  })
})
