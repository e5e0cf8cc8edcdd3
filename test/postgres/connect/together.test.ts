import {expect, it} from 'vitest'
import {together, withClient} from '../../../src/lib/postgres/connect/client.js'
import {ConnectionUrl} from '../../../src/lib/targets/connection-url.js'
import {urlOf} from '../../support/databases.js'
import {startProxy} from '../../support/proxy.js'

it('queries that are sent together are one write, so that a killed process has sent all or none', async () => {
  const url = new URL(urlOf('postgres'))
  const proxy = await startProxy(Number(url.port))
  url.port = String(proxy.port)
  const written: string[] = []
  const answers = await withClient(ConnectionUrl.parse(url.href, 'URL'), {}, async (client) => {
    proxy.cutBehind = (data) => void written.push(data)
    const queries = ['select 1 as n', 'select 2 as n', 'select 3 as n']
    const found = await together(client, () => queries.map((text) => client.query<{n: number}>(text)))
    proxy.cutBehind = undefined
    return found
  })
  await proxy.close()
  expect(answers.flatMap(({rows}) => rows)).toEqual([{n: 1}, {n: 2}, {n: 3}])
  expect(written).toHaveLength(1)
  expect(written[0]).toMatch(/select 1.*select 2.*select 3/s)
})
