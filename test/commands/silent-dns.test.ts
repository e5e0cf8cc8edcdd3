import {describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {preload} from '../support/preload.js'

/** A name server that never answers: the lookup goes on, and holds the process, whatever becomes of the command. */
const silentNames = preload(`import dns from 'node:dns/promises'
  dns.lookup = () => new Promise(() => setInterval(() => undefined, 1000))`)

describe('a name server that does not answer', () => {
  const env = {...silentNames, CONNECTION_URL: 'postgres://ada@db.internal/cruddur?connect_timeout=1'}

  it.each([['sessions'], ['create'], ['setup'], ['doctor'], ['wait', '--timeout', '1s']])(
    'does not hold %s for longer than the time limit',
    async (...argv) => {
      const result = await cli([...argv, '--json'], {env})
      expect([4, 9]).toContain(result.exitCode)
      expect(json(result).error?.message).toMatch(
        /db\.internal:5432 did not answer within 1 s|did not answer within 1 s|dns/,
      )
    },
  )
})
