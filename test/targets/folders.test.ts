import {chown, lchown, mkdir, realpath, rm, symlink, writeFile} from 'node:fs/promises'
import {delimiter, dirname, join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import {foldersOfRepository} from '../../src/lib/targets/folders.js'
import {cli, json} from '../support/cli.js'
import {folderOfTest} from '../support/temporary-folder.js'

const own = process.geteuid?.()
/** The owner of the other user's files: only root can give files away, so without root they are the tests' own. */
const owner = own === 0 ? 12_345 : (own ?? 0)
const reader = own === 0 ? 23_456 : owner + 1

let parent: string
let below: string

beforeEach(async () => {
  parent = await realpath(folderOfTest())
  below = join(parent, 'work')
  await mkdir(below)
})

const search = (uid = reader, env: NodeJS.ProcessEnv = {}): string[] => foldersOfRepository(below, {uid, env})

async function give(path: string): Promise<void> {
  if (own === 0) await lchown(path, owner, owner)
}

async function gitHere(folder: string): Promise<void> {
  await mkdir(join(folder, '.git'))
  await give(join(folder, '.git'))
}

describe.skipIf(own === undefined)('a folder of another user', () => {
  beforeEach(async () => {
    await give(below)
    await give(parent)
  })

  it.each(['.env', 'sql'])('is refused if it has %s, and the error says how to allow it', async (name) => {
    const path = join(parent, name)
    await gitHere(parent)
    await (name === 'sql' ? mkdir(path) : writeFile(path, 'CONNECTION_URL=postgres://u@evil/d'))
    await give(path)
    expect(() => search()).toThrow(
      expect.objectContaining({
        code: 'folder_of_other_user',
        exitCode: 3,
        details: {folder: parent, path, owner, uid: reader},
        next: expect.arrayContaining([
          `If you trust this folder: export CRUDDUR_DB_SAFE_DIRECTORY=${parent}`,
        ]) as string[],
      }) as Error,
    )
    for (const safe of [parent, dirname(parent), '*', ['/nowhere', `${parent}/`].join(delimiter)])
      expect(search(reader, {CRUDDUR_DB_SAFE_DIRECTORY: safe})).toEqual([below, parent])
    for (const safe of ['', '/nowhere', below, `${parent}x`, parent.slice(0, -1)])
      expect(() => search(reader, {CRUDDUR_DB_SAFE_DIRECTORY: safe})).toThrow(/belongs to another user/)
  })

  it('is refused as the current folder too, and for its link, whatever the link leads to', async () => {
    await symlink('/etc/hosts', join(below, '.env'))
    await give(join(below, '.env'))
    expect(() => search()).toThrow(`${join(below, '.env')} belongs to another user`)
    await rm(join(below, '.env'))
    await symlink('/nowhere', join(below, '.env'))
    await give(join(below, '.env'))
    expect(() => search()).toThrow(/belongs to another user/)
  })

  it('is no error without anything that is used', async () => {
    await gitHere(parent)
    expect(search()).toEqual([below, parent])
  })

  it('may be used by its owner, and by root who came from that account by sudo', async () => {
    await gitHere(parent)
    await writeFile(join(parent, '.env'), '')
    await give(join(parent, '.env'))
    expect(search(owner)).toEqual([below, parent])
    expect(search(0, {SUDO_UID: String(owner)})).toEqual([below, parent])
    for (const env of [{}, {SUDO_UID: ''}, {SUDO_UID: String(owner + 1)}, {SUDO_UID: 'x'}])
      if (owner !== 0) expect(() => search(0, env)).toThrow(/belongs to another user/)
    // Only root has come by sudo.
    expect(() => search(reader, {SUDO_UID: String(owner)})).toThrow(/belongs to another user/)
  })
})

describe.skipIf(own !== 0)('as root', () => {
  it("an account uses root's own files, and not an .env that a third has put beside an empty .git", async () => {
    await mkdir(join(parent, '.git'))
    await writeFile(join(parent, '.env'), '')
    await mkdir(join(parent, 'sql'))
    expect(search()).toEqual([below, parent])
    await chown(join(parent, '.git'), owner, owner)
    expect(() => search()).toThrow(`${join(parent, '.git')} belongs to another user`)
    await chown(join(parent, '.git'), 0, 0)
    await chown(join(parent, '.env'), owner, owner)
    expect(() => search()).toThrow(`${join(parent, '.env')} belongs to another user`)
  })

  it('a command says it, and goes on where the folder is allowed', async () => {
    await mkdir(join(parent, '.git'))
    await writeFile(join(parent, '.env'), 'CONNECTION_URL=postgres://u:secret@127.0.0.1:1/d\n')
    await chown(join(parent, '.env'), owner, owner)
    for (const command of ['target', 'sessions', 'setup']) {
      const refused = await cli([command, '--json'], {cwd: below})
      expect(json(refused).error).toMatchObject({code: 'folder_of_other_user', exit_code: 3})
      expect(refused.stdout + refused.stderr).not.toContain('secret')
    }

    const allowed = await cli(['sessions', '--json'], {cwd: below, env: {CRUDDUR_DB_SAFE_DIRECTORY: parent}})
    expect(json(allowed).error).toMatchObject({code: 'ECONNREFUSED', details: {host: '127.0.0.1', port: 1}})
    await writeFile(join(parent, '.env'), `CRUDDUR_DB_SAFE_DIRECTORY=${parent}\nCONNECTION_URL=postgres://u@h/d\n`)
    expect(await cli(['target'], {cwd: below})).toMatchObject({exitCode: 3})
    expect(await cli(['init'], {cwd: below})).toMatchObject({exitCode: 0})
    expect(await cli(['--help'], {cwd: below})).toMatchObject({exitCode: 0})
  })
})
