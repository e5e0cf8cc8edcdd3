import {commentAround, type DatabaseComment, type DatabaseMarker} from '../postgres/catalog/marker.js'
import {together} from '../postgres/connect/client.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier, escapeLiteral} from '../postgres/wire/escape.js'

/** What {@link createMarked} makes. */
export interface MarkedDatabase {
  /** A name that nobody else chooses at this moment: the statements behind the first go by it. */
  name: string
  /** What follows the name in CREATE DATABASE. */
  clauses: string
  /** The marker gets the database's own number. */
  comment: DatabaseComment
}

/**
 * Makes a database and marks it as ours in one round trip: should this process be killed meanwhile, the server goes on to
 * the marker. `send` adds statements to the same trip. Returns the number of the database.
 */
export async function createMarked(
  client: PostgresClient,
  {name, clauses, comment}: MarkedDatabase,
  send: () => Promise<unknown>[] = () => [],
): Promise<number> {
  const [, , found] = await together(client, () => [
    client.query(`create database ${escapeIdentifier(name)} ${clauses}`),
    // Where there is no database, that is the failure.
    client.query(markStatement(name, commentAround(comment))).catch(() => undefined),
    client.query<{oid: number}>('select oid from pg_catalog.pg_database where datname = $1', [name]),
    ...send(),
  ])
  const [row] = found.rows
  if (row === undefined) throw new TypeError('a database that was just made is not there')
  return row.oid
}

/**
 * Adds the marker again where a COMMENT ON DATABASE has replaced it; without it nobody could tell later whose the database
 * is. The rest of the comment stays.
 */
export async function markAgain(client: PostgresClient, name: string, marker: DatabaseMarker): Promise<void> {
  const [before, after] = commentAround({text: '', marker})
  const literal = escapeLiteral(name)
  const body = `declare
    noted text;
    marker text;
  begin
    select shobj_description(oid, 'pg_database'), ${escapeLiteral(before)} || oid || ${escapeLiteral(after)} into noted, marker
    from pg_catalog.pg_database where datname = ${literal};
    if coalesce(strpos(noted, marker), 0) = 0 then
      execute format('comment on database %I is %L', ${literal}, concat_ws(E'\\n', noted, marker));
    end if;
  end`
  await client.query(`do ${escapeLiteral(body)}`)
}

/** Comments the database with its own number in the marker, which only the server knows yet. */
function markStatement(name: string, [before, after]: [string, string]): string {
  const literal = escapeLiteral(name)
  const comment = `${escapeLiteral(before)} || oid || ${escapeLiteral(after)}`
  const body = `begin
    execute (select format('comment on database %I is %L', ${literal}, ${comment}) from pg_catalog.pg_database where datname = ${literal});
  end`
  return `do ${escapeLiteral(body)}`
}
