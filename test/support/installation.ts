import {cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

interface Package {
  oclif: Record<string, unknown>
  dependencies: Record<string, string>
}

/** A copy of the built package, as npm would install it, without its dependencies. */
export interface Installation {
  folder: string
  /** The path of its bin/run.js. */
  entry: string
  /** Writes a file in it and creates the folders for it. */
  write(path: string, content: string): Promise<void>
  /** Merges these fields into its package.json. */
  change(edit: (pack: Package) => void): Promise<void>
}

/** Copies the built package to a temporary folder while `use` runs. */
export async function withInstallation(use: (installation: Installation) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-installed-'))
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), {recursive: true})
    await writeFile(join(folder, path), content)
  }
  try {
    for (const path of ['bin', 'dist', 'sql', 'package.json', 'oclif.manifest.json']) {
      await cp(join(root, path), join(folder, path), {recursive: true, filter: (source) => !source.endsWith('.cache')})
    }

    await mkdir(join(folder, 'node_modules', '@oclif'), {recursive: true})
    // A plugin finds its dependencies here, since it has no copy of its own.
    await symlink(join(root, 'node_modules', '@oclif', 'core'), join(folder, 'node_modules', '@oclif', 'core'))
    await use({
      folder,
      entry: join(folder, 'bin', 'run.js'),
      write,
      async change(edit) {
        const pack = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Package
        edit(pack)
        await write('package.json', JSON.stringify(pack))
      },
    })
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}
