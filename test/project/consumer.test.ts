import {cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {afterEach, beforeEach, expect, it} from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const back = `
import {type Activity, createActivity, CruddurError, Db, homeActivities} from 'cruddur-db'
export async function page(): Promise<Activity[]> {
  const db = new Db('postgresql://localhost/cruddur', {max: 3, onQuery: ({milliseconds}) => console.log(milliseconds)})
  const text: string = await db.array<{n: number}>('select 1 as n')
  await db.transaction(async (transaction) => createActivity(transaction, {handle: 'a', message: text, ttl: '7-days'}))
  // @ts-expect-error there is no such ttl
  await createActivity(db, {handle: 'a', message: 'b', ttl: '8-days'}).catch((error) => error instanceof CruddurError)
  return homeActivities(db, {limit: 3})
}
`
const settings = {module: 'nodenext', target: 'es2022', strict: true, noEmit: true, skipLibCheck: false, types: []}
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cruddur-consumer-'))
})
afterEach(() => rm(folder, {recursive: true, force: true}))

it('an application with the package installed, and nothing else, checks its types and those of the package', async () => {
  const {packages} = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, {dev?: boolean; optional?: boolean}>
  }
  const installed = Object.keys(packages).filter((path) => path !== '' && !packages[path]?.dev && !packages[path]?.optional)
  for (const path of installed) {
    await mkdir(dirname(join(folder, path)), {recursive: true})
    await symlink(join(root, path), join(folder, path), 'junction')
  }

  for (const part of ['dist', 'package.json']) {
    await cp(join(root, part), join(folder, 'node_modules/cruddur-db', part), {recursive: true})
  }

  await writeFile(join(folder, 'package.json'), JSON.stringify({type: 'module'}))
  await writeFile(join(folder, 'back.ts'), back)
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({compilerOptions: settings, files: ['back.ts']}))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  expect(await execa(process.execPath, [tsc, '-p', folder], {reject: false})).toMatchObject({exitCode: 0, stdout: ''})
})
