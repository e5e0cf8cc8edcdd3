import {expect, it} from 'vitest'
import {withClient} from '../../../src/lib/postgres/connect/client.js'
import {connectionOf} from '../../../src/lib/postgres/connect/connection.js'
import {ConnectionUrl} from '../../../src/lib/targets/connection-url.js'
import {failureOf} from '../../support/cruddur.js'
import {urlOf} from '../../support/databases.js'

it('a prepared statement that the server does not know has advice, but not one that the user has named', async () => {
  const url = ConnectionUrl.parse(urlOf('postgres'), 'The URL')
  await withClient(url, {}, async (client) => {
    const connection = connectionOf(client, url)
    await connection.query('select 1 as n', {name: 'own'})
    await connection.query('deallocate all')
    expect(await failureOf(connection.query('select 1 as n', {name: 'own'}))).toMatchObject({
      code: '26000',
      next: [expect.stringContaining('{prepare: false}')],
    })
    expect(await failureOf(connection.query('execute nothing'))).toMatchObject({code: '26000', next: []})
  })
})
