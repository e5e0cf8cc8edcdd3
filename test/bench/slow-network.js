import {Worker} from 'node:worker_threads'

/** A proxy that holds each part of the traffic back for so many milliseconds in each direction. */
export async function throughProxy(url, milliseconds, use) {
  // In a thread of its own: the benchmark waits for its children without turning the event loop.
  const worker = new Worker(`(${proxy.toString()})(require('node:worker_threads'), require('node:net'))`, {
    eval: true,
    workerData: {...url.primary, milliseconds},
  })
  try {
    const port = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    const slow = new URL(url.toStringWithPassword())
    slow.hostname = '127.0.0.1'
    slow.port = String(port)
    await use(url.constructor.parse(slow.href, 'the proxy'))
  } finally {
    await worker.terminate()
  }
}

function proxy({workerData, parentPort}, {createServer, connect}) {
  const {host, port, milliseconds} = workerData
  const server = createServer({noDelay: true}, (client) => {
    const upstream = connect({host, port, noDelay: true})
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), milliseconds))
      from.on('close', () => setTimeout(() => to.destroy(), milliseconds))
      from.on('error', () => to.destroy())
    }
  })
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
}
