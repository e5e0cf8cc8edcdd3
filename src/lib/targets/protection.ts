import {BlockList, isIP} from 'node:net'
import {RefusedError} from '../errors.js'
import type {ConnectionUrl} from './connection-url.js'
import {localName, type Target} from './target.js'

/** Why a target is protected: by its name, by its host, or by the mark that `protect` made on the database, here or elsewhere. */
export type Protection = 'name' | 'managed host' | 'public host' | 'mark' | 'foreign mark'

/** Databases that belong to the server itself: they are never dropped, whatever was confirmed. */
export const serverDatabases: readonly string[] = ['postgres', 'template0', 'template1', 'rdsadmin']

/** The names under which providers run databases for others, private address or not. */
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

const nearby = new BlockList()
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const) {
  nearby.addSubnet(network, prefix, 'ipv4')
}

for (const [network, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  nearby.addSubnet(network, prefix, 'ipv6')

/**
 * Why destructive work on a target must be confirmed; undefined where it need not be. Every target but `local` is
 * protected, and `local` is where its URL leads to a managed database or off this machine and its private network, so
 * that a production URL in the wrong variable does no harm. `address` is the one that a connection to it really has: without
 * it a host name alone tells nothing, since a name may mean another server at the next look.
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

/** What has to be typed to confirm destructive work: `database@host`. */
export function confirmationOf({url}: Target): string {
  return `${url.database}@${url.hosts.map(({host}) => host).join(',')}`
}

/** @throws RefusedError (`server_database`) for a database that the server itself needs */
export function refuseServerDatabase({url}: Target): void {
  if (!serverDatabases.includes(url.database)) return
  throw new RefusedError(`"${url.database}" belongs to the server and is never dropped.`, {
    code: 'server_database',
    next: ["Name the application's own database in the URL."],
    details: {database: url.database},
  })
}

function isNearby(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return nearby.check(mapped, 'ipv4')
  return nearby.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
