import {type AddressInfo, connect, createServer, type Socket} from 'node:net'

/** The fault that a proxy causes, after the server has sent `after` bytes. */
export interface Fault {
  kind: 'cut' | 'silence'
  after: number
}

/** The fault that a proxy causes when a client first sends a given text. */
export interface Loss {
  text: string
  /** Cuts before the text is forwarded, after it, or after the server has answered; the answer is not forwarded. */
  cut: 'before' | 'after' | 'answered'
  /** Whether the proxy then rejects new connections. */
  gone?: boolean
}

/** A proxy between a test and its server, which imitates network faults. */
export interface Proxy {
  port: number
  /** Undefined forwards everything. */
  fault: Fault | undefined
  /** Applies once. */
  loss?: Loss
  /** How many connections were made. */
  connections: number
  /**
   * How many times a client wrote again after an answer, over all connections. Answers are delayed a little, so that
   * messages sent together count once.
   */
  roundTrips: number
  /**
   * Called with each message of a client after it was forwarded. To lose the answer, it cuts all connections, when the
   * message was `sent` or when the server has `answered`. Connections are numbered from 1.
   */
  cutBehind: ((data: string, connection: number) => 'sent' | 'answered' | undefined) | undefined
  /** Rejects new connections. */
  refusing: boolean
  /** Cuts all connections; data sent before still arrives. */
  cut(): void
  /** Forwards nothing and closes nothing, like a network that is down. */
  mute(): void
  close(): Promise<void>
}

const heldMs = 20

/** Starts a proxy on loopback, on `port` or a free port, that forwards everything to `target` until a fault is set. */
export async function startProxy(target: number, fault?: Fault, port = 0): Promise<Proxy> {
  const sockets = new Set<Socket>()
  const clients = new Set<Socket>()
  const cut = (): void => {
    for (const client of clients) client.destroy()
  }
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => undefined)
  }
  const proxy: Pick<Proxy, 'fault' | 'loss' | 'connections' | 'roundTrips' | 'cutBehind' | 'refusing'> = {
    fault,
    connections: 0,
    roundTrips: 0,
    cutBehind: undefined,
    refusing: false,
  }
  let muted = false
  let gone = false
  const server = createServer((client) => {
    if (proxy.refusing) return void client.destroy()
    proxy.connections += 1
    const number = proxy.connections
    clients.add(keep(client))
    const upstream = keep(connect(target, '127.0.0.1'))
    const {fault: mine} = proxy
    let sent = 0
    let answered = true
    let losing: Loss | undefined
    if (gone || (mine?.after === 0 && mine.kind === 'cut')) client.destroy()
    client.on('data', (data) => {
      if (proxy.loss !== undefined && data.includes(proxy.loss.text)) {
        losing = proxy.loss
        proxy.loss = undefined
        gone = losing.gone ?? false
        if (losing.cut === 'after') upstream.write(data)
        if (losing.cut !== 'answered') return void client.destroySoon()
      }

      if (answered) proxy.roundTrips += 1
      answered = false
      if (!muted) upstream.write(data)
      const moment = proxy.cutBehind?.(data.toString('latin1'), number)
      if (moment === 'sent') cut()
      if (moment === 'answered') upstream.once('data', cut)
    })
    client.on('close', () => {
      clients.delete(client)
      // The server reads the last message before it sees that the connection is closed.
      upstream.end()
    })
    // After a timer, data that has arrived meanwhile is read first.
    const later = (act: () => void): unknown => setTimeout(() => setImmediate(act), heldMs)
    upstream.on('close', () => (mine?.kind === 'silence' ? undefined : later(() => client.destroy())))
    upstream.on('data', (data) => {
      if (muted) return
      if (losing !== undefined) return void client.destroySoon()
      const room = mine === undefined ? data.length : Math.max(0, mine.after - sent)
      sent += data.length
      later(() => {
        answered = true
        if (room > 0) client.write(data.subarray(0, room))
        if (data.length >= room && mine?.kind === 'cut') client.destroySoon()
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return Object.assign(proxy, {
    port: (server.address() as AddressInfo).port,
    cut,
    mute() {
      muted = true
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  })
}
