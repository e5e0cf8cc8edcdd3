import {execa} from 'execa'
import {beforeAll, expect, it} from 'vitest'
import {installPackage} from '../support/application.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()
beforeAll(() => installPackage(folder))

const requiring =
  "const library = require('cruddur-db'); import('cruddur-db').then(({Db}) => console.log(library.Db === Db, typeof library.runSqlFile))"

it('require() gives the library that import gives, without a warning', async () => {
  const run = await execa(process.execPath, ['-e', requiring], {cwd: folder, reject: false})
  expect(run).toMatchObject({exitCode: 0, stdout: 'true function', stderr: ''})
})

it('require() says what to do where Node does not give ES modules to it', async () => {
  const {exitCode, stderr} = await execa(process.execPath, ['--no-experimental-require-module', '-e', requiring], {
    cwd: folder,
    reject: false,
  })
  expect(exitCode).toBe(1)
  expect(stderr).toContain(
    `cruddur-db is an ES module, which require() takes from Node 20.19 and 22.12 on; this is ${process.version}. Update Node, or on Node 22 use: await import('cruddur-db')`,
  )
})
