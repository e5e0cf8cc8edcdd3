import {cp, mkdir, readFile, symlink, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Makes the folder an application with the package installed, and nothing else. */
export async function installPackage(folder: string): Promise<void> {
  const {packages} = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, {dev?: boolean; optional?: boolean}>
  }
  const installed = Object.keys(packages).filter(
    (path) => path !== '' && !packages[path]?.dev && !packages[path]?.optional,
  )
  for (const path of installed) {
    await mkdir(dirname(join(folder, path)), {recursive: true})
    await symlink(join(root, path), join(folder, path), 'junction')
  }

  for (const part of ['dist', 'package.json']) {
    await cp(join(root, part), join(folder, 'node_modules/cruddur-db', part), {recursive: true})
  }

  await writeFile(join(folder, 'package.json'), JSON.stringify({type: 'module'}))
}
