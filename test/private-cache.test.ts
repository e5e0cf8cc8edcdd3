import {execFileSync} from 'node:child_process'
import {chmodSync, chownSync, mkdirSync, readdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {type CachedFile, keepCached, readCached} from '../src/lib/private-cache.js'
import {temporaryFolder} from './support/temporary-folder.js'

const stranger = 12_345
const compiled = Buffer.from('compiled')

const inDist = (path: string): CachedFile => ({path, root: dirname(dirname(dirname(path)))})
const read = (path: string): Buffer | undefined => readCached(inDist(path))
const keep = (path: string, make: () => Buffer): void => keepCached(inDist(path), make)

/** A file of a cache in a new installation. */
function kept(): {file: string; folder: string; cache: string; dist: string} {
  const dist = join(temporaryFolder(), 'dist')
  mkdirSync(dist, {mode: 0o755})
  const file = join(dist, '.cache', 'v24', 'sessions.bin')
  keep(file, () => compiled)
  return {file, folder: dirname(file), cache: join(dist, '.cache'), dist}
}

describe('the cache of compiled code', () => {
  it('gives back what was kept, and undefined for another command', () => {
    const {file, folder} = kept()
    expect(read(file)).toEqual(compiled)
    expect(read(join(folder, 'setup.bin'))).toBeUndefined()
    expect(readdirSync(folder)).toEqual(['sessions.bin'])
  })
})

// Windows has no such modes, links and owners.
describe.runIf(process.platform !== 'win32')('a cache that others may write to', () => {
  it.each(['file', 'folder', 'cache', 'dist'] as const)('is not read through its %s', (part) => {
    for (const mode of [0o777, 0o775, 0o757]) {
      const paths = kept()
      chmodSync(paths[part], mode)
      expect(read(paths.file)).toBeUndefined()
    }
  })

  it.each(['folder', 'cache', 'dist'] as const)('is not written through its %s', (part) => {
    const paths = kept()
    const other = join(paths.folder, 'other.bin')
    chmodSync(paths[part], 0o777)
    keep(other, () => compiled)
    expect(readdirSync(paths.folder)).toEqual(['sessions.bin'])
  })

  // Only root can give files away.
  it.runIf(process.getuid?.() === 0).each(['file', 'folder', 'cache', 'dist'] as const)(
    'is not read where its %s is of another user',
    (part) => {
      const paths = kept()
      chownSync(paths[part], stranger, stranger)
      expect(read(paths.file)).toBeUndefined()
    },
  )

  it('is not read through a link', () => {
    const paths = kept()
    const moved = join(dirname(paths.dist), 'moved')
    for (const part of ['file', 'folder', 'cache'] as const) {
      renameSync(paths[part], moved)
      symlinkSync(moved, paths[part])
      expect(read(paths.file)).toBeUndefined()
      unlinkSync(paths[part])
      renameSync(moved, paths[part])
      expect(read(paths.file)).toEqual(compiled)
    }
  })

  it('is not waited for where a file is a FIFO', () => {
    const {folder} = kept()
    const fifo = join(folder, 'fifo.bin')
    execFileSync('mkfifo', [fifo])
    expect(read(fifo)).toBeUndefined()
  })

  it('is not made in the installation of another user', () => {
    const dist = join(temporaryFolder(), 'dist')
    mkdirSync(dist)
    chmodSync(dist, 0o777)
    keep(join(dist, '.cache', 'v24', 'sessions.bin'), () => compiled)
    expect(readdirSync(dist)).toEqual([])
  })

  it('stays as it is where code cannot be compiled', () => {
    const {file, folder} = kept()
    writeFileSync(file, 'before')
    keep(file, () => {
      throw new Error('out of memory')
    })
    expect(read(file)).toEqual(Buffer.from('before'))
    expect(readdirSync(folder)).toEqual(['sessions.bin'])
  })
})
