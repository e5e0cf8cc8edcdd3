import {ConfigurationError, ConnectionError, errorCode} from '../errors.js'
import type {Variables} from '../targets/variables.js'
import {checkAddress, type PublicAddress} from './address.js'

/** The variable that replaces the services, with URLs separated by commas. */
export const servicesVariable = 'CRUDDUR_DB_IP_SERVICES'

/** The services in order. AWS is first, because AWS must recognize the address. */
const defaultServices = ['https://checkip.amazonaws.com', 'https://api.ipify.org']

/** Enough for an IPv6 address and some white space. A longer answer, for example an HTML page, is not read. */
const longestAnswer = 64

export interface AskOptions {
  services: URL[]
  signal: AbortSignal
  /** The timeout for each service in milliseconds. */
  timeout?: number
}

/** The public address of this machine, from the first service that answered. */
export interface AskedAddress {
  address: PublicAddress
  /** The host of the service. */
  service: string
  /** How far this machine's clock is ahead of the service's, in seconds; undefined if the service sent no date. */
  clockAhead?: number
}

/**
 * The services to ask, from `CRUDDUR_DB_IP_SERVICES` if it is set. Plain http is allowed only on loopback, because an
 * attacker who can change the answer could open the database for another address.
 * @throws ConfigurationError (`ip_services_malformed`)
 */
export function publicIpServices(variables: Variables): URL[] {
  const chosen = variables.find(servicesVariable)?.value.trim()
  const texts = chosen ? chosen.split(',').map((text) => text.trim()) : defaultServices
  return texts.map((text, index) => {
    if (URL.canParse(text)) {
      const url = new URL(text)
      if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return url
    }

    throw new ConfigurationError(`Entry ${index + 1} in ${servicesVariable} is not an https URL.`, {
      code: 'ip_services_malformed',
      next: [`For example: ${servicesVariable}=${defaultServices.join(',')}`],
    })
  })
}

/**
 * Asks one service after the other until one answers with a public address.
 * @throws ConnectionError (`public_ip_unknown`) with each service's failure in `details.services`
 */
export async function askPublicAddress({services, signal, timeout = 3000}: AskOptions): Promise<AskedAddress> {
  const failures: {service: string; problem: string}[] = []
  for (const url of services) {
    try {
      const {answer, clockAhead} = await ask(url, AbortSignal.any([signal, AbortSignal.timeout(timeout)]))
      const {address, problem} = checkAddress(answer.trim())
      if (address !== undefined) return {address, service: url.host, clockAhead}
      failures.push({service: url.host, problem: `its answer ${problem}`})
    } catch (error) {
      signal.throwIfAborted()
      failures.push({service: url.host, problem: problemOf(error, timeout)})
    }
  }

  const each = failures.map(({service, problem}) => `${service}: ${problem}`).join('; ')
  throw new ConnectionError(`The public address of this machine could not be found (${each}).`, {
    code: 'public_ip_unknown',
    next: [`Or set ${servicesVariable} to services that this machine can reach.`],
    details: {services: failures},
  })
}

class UnusableAnswer extends Error {}

async function ask(url: URL, signal: AbortSignal): Promise<{answer: string; clockAhead?: number}> {
  // A redirect usually leads to a login page, for example of a hotel network.
  const response = await fetch(url, {signal, redirect: 'error', headers: {accept: 'text/plain'}})
  if (!response.ok) {
    await response.body?.cancel()
    throw new UnusableAnswer(`it answered with status ${response.status}`)
  }

  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, {stream: true})
    if (text.length > longestAnswer) throw new UnusableAnswer('its answer is not an IP address')
  }

  const date = Date.parse(response.headers.get('date') ?? '')
  return {answer: text, clockAhead: Number.isNaN(date) ? undefined : Math.round((Date.now() - date) / 1000)}
}

function problemOf(error: unknown, timeout: number): string {
  if (error instanceof UnusableAnswer) return error.message
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeout / 1000} s`
  const code = errorCode(error instanceof Error ? error.cause : undefined)
  return code === undefined ? 'it could not be asked' : `it could not be reached (${code})`
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
