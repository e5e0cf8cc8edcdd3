import {cp, mkdtemp, rm} from 'node:fs/promises'
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
