import {execa} from 'execa'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {bareEnvironment, cli} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {psql} from './programs.js'

const database = uniqueName('urls')
const role = uniqueName('url_role')
/** Nothing of it leads anywhere. */
const front = {user: 'nobody', password: 'wrong', host: '192.0.2.1', port: '1', dbname: 'nowhere'}
let right: typeof front

beforeAll(async () => {
  const {hostname: host, port} = new URL(urlOf(database))
  right = {user: role, password: 'right', host, port, dbname: database}
  await query('postgres', `create database ${database}`)
  await query('postgres', `create role ${role} login password 'right'`)
})
afterAll(async () => {
  await query('postgres', `drop database ${database} with (force)`)
  await query('postgres', `drop role ${role}`)
})

type Keyword = keyof typeof front

/** A URL whose front is wrong in those parts, which its query sets right. */
function urlWith(wrong: readonly Keyword[]): string {
  const {user, password, host, port, dbname} = {
    ...right,
    ...Object.fromEntries(wrong.map((keyword) => [keyword, front[keyword]])),
  }
  const corrections = wrong.map((keyword) => `${keyword}=${right[keyword]}`).join('&')
  return `postgresql://${user}:${password}@${host}:${port}/${dbname}?${corrections}`
}

const ask = ['-XAtc', '\\echo :USER :HOST :PORT :DBNAME']

/** Where psql comes to by the URL, and where this program brings it. */
async function bothAt(url: string, env: NodeJS.ProcessEnv = {}): Promise<[string, string]> {
  const theirs = await execa(psql, [url, ...ask], {
    env: {...env, ...bareEnvironment},
    extendEnv: false,
    reject: false,
  })
  const ours = await cli(['connect', '--', ...ask], {env: {...env, CONNECTION_URL: url}})
  return [theirs.stdout, ours.stdout]
}

const whole: Keyword[] = ['user', 'password', 'host', 'port', 'dbname']

const mixtures: Keyword[][] = [
  ...whole.map((keyword) => [keyword]),
  whole,
  ['host', 'port'],
  ['user', 'password'],
  ['host', 'dbname'],
]

it.each(mixtures.map((wrong) => [wrong.join(', '), wrong] as const))(
  'the query wins over the front as in psql: %s',
  async (_, wrong) => {
    const there = `${right.user} ${right.host} ${right.port} ${right.dbname}`
    expect(await bothAt(urlWith(wrong))).toEqual([there, there])
  },
)

it('of a parameter that is there twice the last counts, one port is for all hosts, and a front with hosts needs no PGPORT', async () => {
  const {user, password, host, port, dbname} = right
  const there = `${user} ${host} ${port} ${dbname}`
  for (const url of [
    `postgresql://${user}:${password}@${host}/${dbname}?port=1&port=${port}`,
    `postgresql://${user}:${password}@${host}:1,${host}:2/${dbname}?port=${port}`,
    `postgresql://${user}:${password}@${host}:${port},${host}:${port}/${dbname}?host=${host},${host}`,
  ])
    expect(await bothAt(url), url).toEqual([there, there])
  const elsewhere = await bothAt(`postgresql://${user}:${password}@${host}:1,${host}:2/${dbname}?host=${host}`)
  expect(elsewhere).toEqual(['', ''])
  // Neither of them comes to PGPORT's server.
  expect(await bothAt(`postgresql://${user}:${password}@${host},${host}/${dbname}`, {PGPORT: port})).toEqual(['', ''])
})
