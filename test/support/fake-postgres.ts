import type {AddressInfo} from 'node:net'
import {createServer, type Socket} from 'node:net'
import {createSecureContext, TLSSocket} from 'node:tls'

/** A listener on loopback that answers the first bytes of a client with `answer`; if undefined, it never answers. */
export interface FakePostgres {
  port: number
  close(): Promise<void>
}

/** Imitates servers that a test cannot start: too old, silent, or not Postgres. */
export async function fakePostgres(answer: Buffer | undefined, port = 0): Promise<FakePostgres> {
  return listening((socket) => {
    socket.once('data', () => {
      if (answer !== undefined) socket.write(answer)
    })
  }, port)
}

/**
 * A server that requires TLS, asks for the password in clear text, records it and accepts every login: to a client it
 * looks like RDS with an IAM token.
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
          socket.on('data', (queries: Buffer) => socket.write(Buffer.concat(answersTo(queries))))
        })
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> => new Promise((resolve) => void server.close(() => resolve()))
  return {port: (server.address() as AddressInfo).port, passwords, close}
}

/** A server that lets everyone in, and answers the first question with these bytes again and again, as fast as it can. */
export async function answeringServer(answer: Buffer): Promise<FakePostgres> {
  return listening((socket) => {
    socket.once('data', () => {
      socket.write(welcome('17.4'))
      socket.once('data', () => {
        const flood = (): void => {
          while (!socket.destroyed && socket.write(answer));
        }
        socket.on('drain', flood)
        flood()
      })
    })
  })
}

/** Listens on loopback, and gives each connection to `serve`. */
async function listening(serve: (socket: Socket) => void, port = 0): Promise<FakePostgres> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    serve(socket)
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

/** The message of a server that rejects a login with this SQLSTATE. */
export function refusal(sqlState: string, text: string): Buffer {
  return message('E', 'SFATAL', 'VFATAL', `C${sqlState}`, `M${text}`, '')
}

/** EmptyQueryResponse and ReadyForQuery. */
const emptyAnswer = Buffer.from([0x49, 0, 0, 0, 4, 0x5a, 0, 0, 0, 5, 0x49])

/** An empty answer to each query in a chunk of whole messages: simple ones, and extended ones at their Sync. */
function answersTo(messages: Buffer): Buffer[] {
  const answers: Buffer[] = []
  for (let at = 0; at < messages.length; at += 1 + messages.readInt32BE(at + 1))
    if (['Q', 'S'].includes(messages.toString('latin1', at, at + 1))) answers.push(emptyAnswer)
  return answers
}

/** One message from the server: its type, its length and its body. */
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

/** The messages with which a server of this version accepts a login without a password. */
export function welcome(version: string): Buffer {
  return Buffer.concat([
    message('R', 0),
    message('S', 'server_version', version),
    message('K', 4242, 1),
    Buffer.from([0x5a, 0, 0, 0, 5, 0x49]),
  ])
}
