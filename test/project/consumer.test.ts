import {execa} from 'execa'
import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {beforeAll, expect, it} from 'vitest'
import {installPackage} from '../support/application.js'
import {temporaryFolder} from '../support/temporary-folder.js'

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
/** Types are checked that come with packages, and not those that come with TypeScript. */
const checks = {skipLibCheck: false, skipDefaultLibCheck: true}
const settings = {module: 'nodenext', target: 'es2022', strict: true, noEmit: true, types: [], ...checks}
const exact = {...settings, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true}
/** How TypeScript resolved before packages had exports: by main and types. */
const old = {...settings, module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0'}
const folder = temporaryFolder()

beforeAll(() => installPackage(folder))

async function check(source: string, compilerOptions: object): Promise<void> {
  await writeFile(join(folder, 'back.ts'), source)
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({compilerOptions, files: ['back.ts']}))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  expect(await execa(process.execPath, [tsc, '-p', folder], {reject: false})).toMatchObject({exitCode: 0, stdout: ''})
}

it.each([
  ['exact', exact],
  ['old', old],
])(
  'the types of the package and of an application that uses it are right by the settings %s',
  async (_, compilerOptions) => {
    await check(back, compilerOptions)
  },
)

it('the examples of docs/application.md are right by the strictest settings', async () => {
  const text = await readFile(join(root, 'docs/application.md'), 'utf8')
  const examples = [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = '']) => code)
  expect(examples.length).toBeGreaterThan(1)
  // Each is a module, and so has names of its own.
  await Promise.all(examples.slice(1).map((example, index) => writeFile(join(folder, `example${index}.ts`), example)))
  const others = examples
    .slice(1)
    .map((_, index) => `import './example${index}.js'\n`)
    .join('')
  await check(others + examples[0], {...exact, types: ['node'], typeRoots: [join(root, 'node_modules/@types')]})
})
