import {lostRows, type RowLoss} from '../../../src/lib/schema-change/rows/lost-rows.js'
import {ask} from '../../support/databases.js'
import type {Migrations} from '../../support/migrations.js'
import {differences, type Moment, momentOf, withFirst, withMade} from './filled-database.js'
import type {Generated} from './generate.js'
import {flawless, type Outcome, type Way} from './pair.js'

/** One direction on one server. */
export interface Trip {
  generated: Generated
  way: Way
  /** Rows for the schema from which it starts. */
  data: string
}

export interface TestServer {
  /** The URL of a database that is there. */
  url: string
  /** The installed pg_dump, where it reads this server. */
  pgDump: string | undefined
}

/**
 * Applies the migrations of both directions to filled databases and undoes them. Each database is compared with what the
 * other was before: that was made from the schema to which the first is changed.
 */
export async function roundTrips(server: TestServer, trips: readonly [Trip, Trip]): Promise<[Outcome, Outcome]> {
  const [there, back] = trips
  return onFilled(server, there, (one, oneUrl) =>
    onFilled(server, back, async (other, otherUrl): Promise<[Outcome, Outcome]> => {
      const read = (url: string): Promise<Moment> => momentOf(url, server.pgDump)
      const [a, b] = [await read(oneUrl), await read(otherUrl)]
      return [
        await roundTrip({trip: there, database: one, read: () => read(oneUrl), url: oneUrl}, a, b),
        await roundTrip({trip: back, database: other, read: () => read(otherUrl), url: otherUrl}, b, a),
      ]
    }),
  )
}

/** Applies the migrations of one direction to a filled database and undoes them. `wanted` is the schema that they make. */
export async function singleTrip(server: TestServer, trip: Trip, wanted: string): Promise<Outcome> {
  return onFilled(server, trip, async (database, url) => {
    const read = (): Promise<Moment> => momentOf(url, server.pgDump)
    const other = await withMade(server.url, wanted, (made) => momentOf(made, server.pgDump))
    return roundTrip({trip, database, read, url}, await read(), other)
  })
}

function onFilled<T>(
  {url}: TestServer,
  {generated, data}: Trip,
  use: (database: Migrations, url: string) => Promise<T>,
) {
  return withFirst(url, {...generated, data}, use)
}

interface Running {
  trip: Trip
  database: Migrations
  url: string
  read: () => Promise<Moment>
}

async function roundTrip({trip, database, url, read}: Running, before: Moment, wanted: Moment): Promise<Outcome> {
  const {generated, way} = trip
  const {open, renames, versions} = generated
  const {error} = await database.apply()
  const after = await read()
  const outcome: Outcome = {
    ...{...flawless, open, applied: error?.code ?? 'yes'},
    differs: differences(after, error === undefined ? wanted : before),
    lost: shownLosses(lostRows(before.rows, after.rows, error === undefined ? renames : none), generated),
    behind: after.behind.filter((column) => !before.behind.includes(column)),
    shown: way.shows === undefined ? '' : await answerOf(url, way.shows[0]),
  }
  if (error !== undefined) return {...outcome, undone: 'not tried'}
  const {error: refusal} = versions.length === 0 ? {} : await database.down({to: generated.first})
  const undone = await read()
  return {
    ...outcome,
    undone: refusal?.code ?? 'yes',
    differsBack: differences(undone, before),
    lostBack: shownLosses(lostRows(before.rows, undone.rows, none), generated),
    behindBack: undone.behind.filter((column) => !before.behind.includes(column)),
  }
}

const none = {tables: new Map<string, string>(), columns: new Map<string, string>()}

/** Without what was asked about. */
function shownLosses(losses: readonly RowLoss[], {dropped}: Generated): string[] {
  return losses.flatMap(({table, column, message}) => {
    const names = column === null ? [table] : [table, `${table}.${column}`]
    return names.some((name) => dropped.includes(unquoted(name))) ? [] : [`${names.at(-1)}: ${message}`]
  })
}

/** A name of SQL as it is in flags. */
function unquoted(name: string): string {
  return name.replaceAll(/"((?:[^"]|"")*)"/g, (_, inner: string) => inner.replaceAll('""', '"'))
}

/** The values of all rows, one row a line. */
async function answerOf(url: string, sql: string): Promise<string> {
  const rows = await ask<Record<string, unknown>>(url, sql)
  return rows.map((row) => Object.values(row).map(String).join(' ')).join('\n')
}
