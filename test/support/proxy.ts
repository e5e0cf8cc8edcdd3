import {type AddressInfo, connect, createServer, type Socket} from 'node:net'

/** What a proxy does to a connection; `after` counts the bytes that the server has sent until then. */
export interface Fault {
  kind: 'cut' | 'silence'
  after: number
}

/** What a proxy does to a connection when its client sends a text for the first time. */
export interface Loss {
  text: string
  /** Cuts before the text is passed on, after it, or after its answer has come, which is not passed on. */
  cut: 'before' | 'after' | 'answered'
  /** Whether nobody can connect from then on. */
  gone?: boolean
}

/** A network in between, of a test's own. */
export interface Proxy {
  port: number
  /** Undefined lets everything through. */
  fault: Fault | undefined
  /** Happens once. */
  loss?: Loss
  /** How many connections it has had. */
  connections: number
  /**
   * How often a client had an answer and wrote again, over all connections. Answers are held back for a moment, so that
   * what is sent together has come before the first of them goes.
   */
  roundTrips: number
  /**
   * Asked of what a client sends, once it was passed on. It cuts all connections, so that the client never has the
   * answer: when it was `sent`, or when the server has `answered`. Connections are numbered from 1.
   */
  cutBehind: ((data: string, connection: number) => 'sent' | 'answered' | undefined) | undefined
  /** Turns new connections away. */
  refusing: boolean
  /** Cuts all connections; what was sent before still arrives. */
  cut(): void
  /** Passes nothing on any more, and closes nothing either: a network that has gone. */
  mute(): void
  close(): Promise<void>
}

const heldMs = 20

/** Starts one on loopback, on a free port or `port`, that passes everything on to `target` until told otherwise. */
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
      // What was passed on last is read by the server before it sees the end.
      upstream.end()
    })
    // After a timer what has come meanwhile is read first.
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
