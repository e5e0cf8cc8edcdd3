import {ConfigurationError, ConnectionError, errorCode} from '../errors.js'
import type {Variables} from '../targets/variables.js'
import {checkAddress, type PublicAddress} from './address.js'

/** The variable that replaces the services: URLs, comma separated. */
export const servicesVariable = 'CRUDDUR_DB_IP_SERVICES'

/** Who is asked, in this order: AWS first, since it is AWS that is to recognise the address. */
const defaultServices = ['https://checkip.amazonaws.com', 'https://api.ipify.org']

/** Long enough for the longest IPv6 address and some white space; a page of HTML ends the reading here. */
const longestAnswer = 64

/** What {@link askPublicAddress} takes. */
export interface AskOptions {
  services: URL[]
  signal: AbortSignal
  /** How long each service has, in milliseconds. */
  timeout?: number
}

/** This machine's address as the first service that gave one sees it. */
export interface AskedAddress {
  address: PublicAddress
  /** The service's host. */
  service: string
  /** How far this machine's clock is ahead of the service's, in seconds; undefined where it did not say. */
  clockAhead?: number
}

/**
 * The services to ask, from `CRUDDUR_DB_IP_SERVICES` if that is set. Plain http is taken on loopback only: whoever can
 * forge the answer on its way chooses who is let in to the database.
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

    throw new ConfigurationError(`Entry ${index + 1} of ${servicesVariable} is not an https URL.`, {
      code: 'ip_services_malformed',
      next: [`Write them like this: ${servicesVariable}=${defaultServices.join(',')}`],
    })
  })
}

/**
 * Asks one service after the other until one answers with a public address. What else they say is never believed.
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
  throw new ConnectionError(`No service could say what this machine's public address is (${each}).`, {
    code: 'public_ip_unknown',
    next: [
      'Give it yourself: cruddur-db sg:update --ip <address>',
      `Or set ${servicesVariable} to services that you can reach.`,
    ],
    details: {services: failures},
  })
}

class UnusableAnswer extends Error {}

async function ask(url: URL, signal: AbortSignal): Promise<{answer: string; clockAhead?: number}> {
  // A redirect leads to a login page as a rule, that of a hotel say.
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
