import {BlockList, isIP} from 'node:net'
import {RefusedError} from '../errors.js'
import type {ConnectionUrl} from './connection-url.js'
import {localName, type Target} from './target.js'

/** Why a target is protected: its name, its host, or a marker of `protect`, set on this server or on another one. */
export type Protection = 'name' | 'managed host' | 'public host' | 'mark' | 'foreign mark'

/** Databases that the server itself needs. They are never dropped, even after confirmation. */
export const serverDatabases: readonly string[] = ['postgres', 'template0', 'template1', 'rdsadmin']

/** Domains of managed database services. They are protected even if their address is private. */
const managedHosts = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'database.azure.com',
  'cloudsql.goog',
  'supabase.co',
  'supabase.com',
  'neon.tech',
  'render.com',
  'ondigitalocean.com',
  'aivencloud.com',
  'timescale.com',
  'crunchybridge.com',
  'heroku.com',
  'rlwy.net',
]

const nearbyHosts = new BlockList()
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const) {
  nearbyHosts.addSubnet(network, prefix, 'ipv4')
}

for (const [network, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  nearbyHosts.addSubnet(network, prefix, 'ipv6')

/**
 * Why destructive work on a target must be confirmed; undefined if it need not be. Every target except `local` is
 * protected. `local` is protected too if its host is a managed database or outside the private network, so that a
 * production URL in the wrong variable does no harm. `address` is the IP address of the open connection, because a host
 * name alone can point anywhere.
 */
export function protectionOf(name: string, {hosts}: ConnectionUrl, address?: string): Protection | undefined {
  if (name !== localName) return 'name'
  for (const {host, address: given} of hosts) {
    const lower = host.toLowerCase().replace(/\.$/, '')
    if (managedHosts.some((domain) => lower.endsWith(`.${domain}`))) return 'managed host'
    const literals = [given, lower].filter((text): text is string => text !== undefined && isIP(text) !== 0)
    if (!literals.every((text) => isNearby(text))) return 'public host'
  }

  return address === undefined || isNearby(address) ? undefined : 'public host'
}

/** The text that confirms destructive work: `database@host`. */
export function confirmationOf({url}: Target): string {
  return `${url.database}@${url.hosts.map(({host}) => host).join(',')}`
}

/** @throws RefusedError (`server_database`) if the server itself needs the database */
export function refuseServerDatabase({url}: Target): void {
  if (!serverDatabases.includes(url.database)) return
  throw new RefusedError(`"${url.database}" belongs to the server and can never be dropped. Nothing was changed.`, {
    code: 'server_database',
    next: ["Use the application's own database in the URL."],
    details: {database: url.database},
  })
}

function isNearby(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return nearbyHosts.check(mapped, 'ipv4')
  return nearbyHosts.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
