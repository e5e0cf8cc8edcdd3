import type {Writable} from 'node:stream'
import {expect, it, vi} from 'vitest'
import {together, withClient} from '../../../src/lib/postgres/connect/client.js'
import {ConnectionUrl} from '../../../src/lib/targets/connection-url.js'
import {urlOf} from '../../support/databases.js'

it('queries that are sent together are one write, so that a killed process has sent all or none', async () => {
  await withClient(ConnectionUrl.parse(urlOf('postgres'), 'URL'), {}, async (client) => {
    // What the stream hands to the system: a chunk, or several at once.
    const stream = client.connection.stream as Writable & {_writev: NonNullable<Writable['_writev']>}
    const [one, several] = [vi.spyOn(stream, '_write'), vi.spyOn(stream, '_writev')]
    const queries = ['select 1 as n', 'select 2 as n', 'select 3 as n']
    const answers = await together(client, () => queries.map((text) => client.query<{n: number}>(text)))
    expect(answers.flatMap(({rows}) => rows)).toEqual([{n: 1}, {n: 2}, {n: 3}])
    expect(one.mock.calls.length + several.mock.calls.length).toBe(1)
  })
})
