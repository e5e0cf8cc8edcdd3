import type {RequestListener} from 'node:http'
import {describe, expect, it} from 'vitest'
import {askPublicAddress, publicIpServices} from '../../src/lib/aws/public-ip.js'
import {ConfigurationError, ConnectionError, InterruptedError} from '../../src/lib/errors.js'
import {readVariables} from '../../src/lib/targets/variables.js'
import {type HttpServer, serve} from '../support/http-server.js'

/** Runs `use` with one service for each listener. */
async function withServices(listeners: RequestListener[], use: (services: URL[]) => Promise<void>): Promise<void> {
  const servers: HttpServer[] = []
  try {
    for (const listener of listeners) servers.push(await serve(listener))
    await use(servers.map(({url}) => new URL(url)))
  } finally {
    for (const server of servers) await server.close()
  }
}

const says =
  (body: string, status = 200): RequestListener =>
  (_, response) => {
    response.writeHead(status, {location: 'http://127.0.0.1:2/'})
    response.end(body)
  }

const endless: RequestListener = (_, response) => {
  const timer = setInterval(() => response.write('203.0.113.9 '), 1)
  response.on('close', () => clearInterval(timer))
}

const {signal} = new AbortController()

describe('askPublicAddress', () => {
  it.each(['203.0.113.9', '203.0.113.9\n', '  203.0.113.9\r\n'])('takes the address from %j', async (body) => {
    await withServices([says(body)], async (services) => {
      expect(await askPublicAddress({services, signal})).toMatchObject({
        address: {cidr: '203.0.113.9/32'},
        service: services[0]?.host,
      })
    })
  })

  it.each<[string, RequestListener, string]>([
    ['HTML', says('<!doctype html><title>Log in</title><p>203.0.113.9</p>'), 'not an IP address'],
    ['a private address', says('10.0.0.5'), 'a private address'],
    ['two addresses', says('203.0.113.9\n203.0.113.10'), 'not an IP address'],
    ['nothing', says(''), 'is empty'],
    ['an error', says('203.0.113.9', 500), 'status 500'],
    ['a redirect', says('', 302), 'could not be asked'],
    ['no end', endless, 'not an IP address'],
    ['silence', () => undefined, 'no answer within 0.3 s'],
    ['a cut connection', (request) => request.socket.destroy(), 'could not be'],
  ])('goes on to the next service after %s', async (_, first, problem) => {
    await withServices([first, says('203.0.113.9')], async (services) => {
      const second = services[1]?.host
      expect(await askPublicAddress({services, signal, timeout: 300})).toMatchObject({service: second})
      const failed = askPublicAddress({services: services.slice(0, 1), signal, timeout: 300})
      await expect(failed).rejects.toThrow(problem)
      await expect(failed).rejects.toBeInstanceOf(ConnectionError)
    })
  })

  it('stops at once when it is interrupted, and asks no other', async () => {
    const controller = new AbortController()
    let asked = 0
    const silent: RequestListener = () => {
      asked += 1
      controller.abort(new InterruptedError())
    }
    await withServices([silent, silent], async (services) => {
      await expect(askPublicAddress({services, signal: controller.signal})).rejects.toBeInstanceOf(InterruptedError)
      expect(asked).toBe(1)
    })
  })
})

describe('publicIpServices', () => {
  const hosts = (value?: string): string[] =>
    publicIpServices(readVariables({CRUDDUR_DB_IP_SERVICES: value}, '/')).map(({host}) => host)

  it('asks AWS first, then another, unless others are named', () => {
    expect(hosts()).toEqual(['checkip.amazonaws.com', 'api.ipify.org'])
    expect(hosts(' ')).toEqual(hosts())
    expect(hosts('https://a.example/ip, http://localhost:1,http://[::1]:2')).toEqual([
      'a.example',
      'localhost:1',
      '[::1]:2',
    ])
  })

  it.each(['http://a.example', 'a.example', 'https://a.example,', 'ftp://127.0.0.1', 'http://127.0.0.1.a.example'])(
    'refuses %j',
    (value) => {
      expect(() => hosts(value)).toThrow(ConfigurationError)
    },
  )
})
