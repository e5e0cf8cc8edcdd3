import {type AddressInfo, connect, createServer, type Socket} from 'node:net'

/** A proxy before a server that stops talking at a message boundary, on all its connections, without closing any. */
export interface StallingProxy {
  port: number
  /** The messages of the server that were forwarded, over all connections. */
  readonly messages: number
  readonly connections: number
  close(): Promise<void>
}

const headerBytes = 5

/**
 * Forwards to a server on loopback until it has sent `messages`. Then nothing moves in either direction, and new
 * connections are accepted and not answered. The client must connect with sslmode=disable.
 */
export async function startStallingProxy(target: number, messages: number): Promise<StallingProxy> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => undefined)
  }
  let [forwarded, connections] = [0, 0]
  const server = createServer((client) => {
    keep(client)
    connections += 1
    const upstream = keep(connect(target, '127.0.0.1'))
    let received = Buffer.alloc(0)
    client.on('data', (data) => forwarded < messages && upstream.write(data))
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => forwarded < messages && client.end())
    upstream.on('data', (data) => {
      received = Buffer.concat([received, data])
      while (received.length >= headerBytes && forwarded < messages) {
        const bytes = 1 + received.readUInt32BE(1)
        if (received.length < bytes) return
        client.write(received.subarray(0, bytes))
        received = received.subarray(bytes)
        forwarded += 1
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    get messages() {
      return forwarded
    },
    get connections() {
      return connections
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
