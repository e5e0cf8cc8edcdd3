import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, expect, it} from 'vitest'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {temporaryFolder} from '../support/temporary-folder.js'
import {withTerminal} from '../support/terminal.js'

const name = uniqueName('slow')
const folder = temporaryFolder()
afterAll(async () => {
  const own = await query<{datname: string}>(
    'postgres',
    `select datname from pg_database where datname like '${name}%'`,
  )
  for (const {datname} of own) await query('postgres', `drop database ${datname} with (force)`)
})

it('setup says which statement takes long, and for how long, on a line that goes away', async () => {
  await mkdir(join(folder, 'sql'))
  await writeFile(join(folder, 'sql', 'schema.sql'), 'create table t (n int);')
  await writeFile(join(folder, 'sql', 'seed.sql'), 'insert into t values (1);\n\nselect pg_sleep(4);\n')
  await withTerminal(
    ['setup'],
    {env: {CONNECTION_URL: urlOf(name)}, cwd: folder, columns: 40, rows: 20},
    async (terminal) => {
      await terminal.until(/sql\/seed\.sql:1-3 for [123]/)
      expect(await terminal.exit).toBe(0)
      expect(terminal.screen().join('\n')).not.toContain('seed.sql:1')
    },
  )
})
