import fc from 'fast-check'
import {PassThrough} from 'node:stream'
import {describe, expect, it} from 'vitest'
import {allowLongAnswers, StreamGuard} from '../../../src/lib/postgres/connect/stream-guard.js'
import {cli, json} from '../../support/cli.js'
import {answeringServer} from '../../support/fake-postgres.js'

const server = {host: 'db', port: 5432}

function message(type: string, body: Buffer, claimed = body.length): Buffer {
  const header = Buffer.alloc(5)
  header.write(type, 'latin1')
  header.writeUInt32BE(claimed + 4, 1)
  return Buffer.concat([header, body])
}

/** Sends chunks through a guard. Returns what came out, in pieces, and the error by which the stream was closed. */
async function pass(
  chunks: Buffer[],
  unlimited = false,
): Promise<{out: Buffer[]; error: {code?: string; message: string} | undefined}> {
  const stream = new PassThrough()
  new StreamGuard(stream, server)
  allowLongAnswers(stream, unlimited)
  const out: Buffer[] = []
  let error: {code?: string; message: string} | undefined
  stream.on('data', (chunk: Buffer) => out.push(chunk)).on('error', (thrown) => (error = thrown))
  const closed = new Promise<void>((resolve) => stream.on('close', () => resolve()))
  for (const chunk of chunks) if (!stream.destroyed) stream.write(chunk)
  stream.end()
  await closed
  return {out, error}
}

const messages = fc.array(
  fc.record({type: fc.constantFrom(...'RSKZTDCIENA123nstGHWdcv'), body: fc.uint8Array({maxLength: 40})}),
  {minLength: 1, maxLength: 12},
)

describe('the guard of a connection', () => {
  it('lets through what a server sends, wherever it is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(messages, fc.integer({min: 1, max: 17}), async (sent, size) => {
        const bytes = Buffer.concat(sent.map(({type, body}) => message(type, Buffer.from(body))))
        const chunks = Array.from({length: Math.ceil(bytes.length / size)}, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        )
        const {out, error} = await pass(chunks)
        expect({out: Buffer.concat(out), error}).toEqual({out: bytes, error: undefined})
      }),
    )
  })

  it('closes the connection at a type that no server sends, wherever it is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        messages,
        fc.integer({min: 1, max: 17}),
        fc.constantFrom(0, 1, 64, 81, 255),
        async (sent, size, type) => {
          const good = Buffer.concat(sent.map(({type: known, body}) => message(known, Buffer.from(body))))
          const bytes = Buffer.concat([good, Buffer.from([type, 0, 0, 0, 4])])
          const chunks = Array.from({length: Math.ceil(bytes.length / size)}, (_, index) =>
            bytes.subarray(index * size, (index + 1) * size),
          )
          expect((await pass(chunks)).error).toMatchObject({code: 'protocol_violation'})
        },
      ),
    )
  })

  it.each([
    ['a length that is too short', message('D', Buffer.alloc(0), -1)],
    ['a message of 1 GB, at its header', message('D', Buffer.alloc(0), 2 ** 30)],
  ])('closes it at %s', async (_what, bytes) => {
    expect((await pass([bytes])).error).toMatchObject({code: 'protocol_violation'})
  })

  it('closes it at an answer of more than 256 MB, unless it is read as it arrives; each answer begins at 0', async () => {
    const row = message('D', Buffer.alloc(1_000_000))
    const many = Array.from({length: 200}, () => row)
    const ready = message('Z', Buffer.from('I'))
    expect((await pass([...many, ...many])).error?.message).toContain('an answer without end')
    expect((await pass([...many, ready, ...many])).error).toBeUndefined()
    expect((await pass([...many, ...many], true)).error).toBeUndefined()
    const notices = Buffer.concat(Array.from({length: 100_001}, () => message('N', Buffer.alloc(0))))
    expect((await pass(Array.from({length: 10}, () => notices))).error?.message).toContain('an answer without end')
  })
})

describe('a server that sends garbage after the login', () => {
  it.each([
    ['bytes that mean nothing', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a message of 1 GB', message('D', Buffer.alloc(100), 2 ** 30)],
    ['a description of columns that it does not send', message('T', Buffer.from([0x7f, 0xff]))],
    ['rows without end', Buffer.concat(Array.from({length: 100}, () => message('D', Buffer.from([0, 0]))))],
  ])('is refused with exit 4: %s', async (_what, bytes) => {
    const fake = await answeringServer(bytes)
    for (const argv of [['sessions'], ['doctor'], ['wait', '--timeout', '0s'], ['create']]) {
      const url = `postgres://ada:pw@127.0.0.1:${fake.port}/x?sslmode=disable&connect_timeout=2`
      const result = await cli([...argv, '--json'], {env: {CONNECTION_URL: url}})
      expect(result.exitCode, result.stdout).toBe(argv[0] === 'doctor' ? 9 : 4)
      expect(json(result).error?.code, argv[0]).not.toBe('unexpected')
    }

    await fake.close()
  })
})
