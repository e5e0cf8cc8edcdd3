import {createServer, type RequestListener} from 'node:http'
import type {AddressInfo} from 'node:net'

/** An HTTP server on loopback for one test. */
export interface HttpServer {
  url: string
  close(): Promise<void>
}

/** Starts one on a free port; `close` also cuts open connections. */
export async function serve(listener: RequestListener): Promise<HttpServer> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
