import type {AddressInfo} from 'node:net'
import {createServer, type Socket} from 'node:net'
import {createSecureContext, TLSSocket} from 'node:tls'

/** A listener on loopback that answers a client's first bytes with `answer`; undefined never answers. */
export interface FakePostgres {
  port: number
  close(): Promise<void>
}

/** Stands in for servers that a test cannot have: one that is too old, is silent, or is no Postgres. */
export async function fakePostgres(answer: Buffer | undefined, port = 0): Promise<FakePostgres> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => {
      if (answer !== undefined) socket.write(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/**
 * A server that speaks TLS alone, asks for the password as it is, writes down what it gets and lets in whoever comes:
 * what RDS does with an IAM token, as far as a client can see.
 */
export async function tokenServer({
  cert,
  key,
}: {
  cert: string
  key: string
}): Promise<FakePostgres & {passwords: string[]}> {
  const passwords: string[] = []
  const context = createSecureContext({cert, key})
  const server = createServer((plain) => {
    plain.on('error', () => undefined)
    plain.once('data', () => {
      plain.write('S')
      const socket = new TLSSocket(plain, {isServer: true, secureContext: context})
      socket.on('error', () => undefined)
      socket.once('data', () => {
        socket.write(message('R', 3))
        socket.once('data', (data: Buffer) => {
          passwords.push(data.subarray(5, -1).toString())
          socket.write(welcome('17.4'))
          socket.on('data', () => socket.write(emptyAnswer))
        })
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> => new Promise((resolve) => void server.close(() => resolve()))
  return {port: (server.address() as AddressInfo).port, passwords, close}
}

/** What a server says that does not let a client in, for the reason of that SQLSTATE. */
export function refusal(sqlState: string, text: string): Buffer {
  return message('E', 'SFATAL', 'VFATAL', `C${sqlState}`, `M${text}`, '')
}

/** EmptyQueryResponse and ReadyForQuery. */
const emptyAnswer = Buffer.from([0x49, 0, 0, 0, 4, 0x5a, 0, 0, 0, 5, 0x49])

/** One message of the protocol's back end: its type, its length, its body. */
function message(type: string, ...body: (string | number)[]): Buffer {
  const parts = body.map((part) => {
    if (typeof part === 'string') return Buffer.from(`${part}\0`)
    const number = Buffer.alloc(4)
    number.writeInt32BE(part)
    return number
  })
  const content = Buffer.concat(parts)
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}

/** What a server of that version says to let a client in without a password. */
export function welcome(version: string): Buffer {
  return Buffer.concat([
    message('R', 0),
    message('S', 'server_version', version),
    message('K', 4242, 1),
    Buffer.from([0x5a, 0, 0, 0, 5, 0x49]),
  ])
}
