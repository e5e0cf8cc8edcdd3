import {existsSync} from 'node:fs'
import {cp, lstat, mkdir, mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The built package somewhere else, as npm would install it, without what it depends on. */
export interface Installation {
  folder: string
  /** The path of its bin/run.js. */
  entry: string
}

/** Copies the built package to a temporary folder while `use` runs. */
export async function withInstallation(use: (installation: Installation) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-installed-'))
  try {
    for (const path of ['bin', 'dist', 'sql', 'package.json', 'oclif.manifest.json']) {
      await cp(join(root, path), join(folder, path), {recursive: true, filter: (source) => !source.endsWith('.cache')})
    }

    await use({folder, entry: join(folder, 'bin', 'run.js')})
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}

/** A copy of the built package below `folder`, its server's package as npm leaves it when it skips install scripts. */
export async function install(folder: string): Promise<string> {
  await mkdir(folder, {recursive: true})
  for (const part of ['bin', 'dist', 'sql', 'package.json', 'oclif.manifest.json']) {
    await cp(join(root, part), join(folder, part), {recursive: true})
  }

  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, {dev?: boolean}>
  }
  const installed = Object.entries(lock.packages).filter(
    ([path, {dev}]) => path !== '' && !dev && existsSync(join(root, path)),
  )
  const filter = async (path: string): Promise<boolean> => !(await lstat(path)).isSymbolicLink()
  for (const [path] of installed) await cp(join(root, path), join(folder, path), {recursive: true, filter})
  return join(folder, 'bin', 'run.js')
}
