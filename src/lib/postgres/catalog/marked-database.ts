import {together} from '../connect/client.js'
import type {PostgresClient} from '../connect/postgres-client.js'
import {escapeIdentifier, escapeLiteral} from '../wire/escape.js'
import {commentAround, type DatabaseComment, type DatabaseMarker} from './marker.js'

export interface MarkedDatabase {
  /** A unique name, because the statements after CREATE DATABASE find the database by it. */
  name: string
  /** The clauses of CREATE DATABASE. */
  clauses: string
  /** The marker gets the oid of the new database. */
  comment: DatabaseComment
}

/**
 * Creates a database and sets its marker in one round trip, so that the server still sets the marker if this process is
 * killed. `send` adds statements to the same round trip. Returns the oid.
 */
export async function createMarked(
  client: PostgresClient,
  {name, clauses, comment}: MarkedDatabase,
  send: () => Promise<unknown>[] = () => [],
): Promise<number> {
  const [, , found] = await together(client, () => [
    client.query(`create database ${escapeIdentifier(name)} ${clauses}`),
    // If CREATE DATABASE failed, its error is the one to report.
    client.query(markStatement(name, commentAround(comment))).catch(() => undefined),
    client.query<{oid: number}>('select oid from pg_catalog.pg_database where datname = $1', [name]),
    ...send(),
  ])
  const [row] = found.rows
  if (row === undefined) throw new TypeError('a database that was just made is not there')
  return row.oid
}

/**
 * Adds the marker again if a COMMENT ON DATABASE in the SQL files has replaced it, because without it a later setup could
 * not recognize the database. The rest of the comment is kept.
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

/** Builds the comment on the server, because only the server knows the oid of the new database. */
function markStatement(name: string, [before, after]: [string, string]): string {
  const literal = escapeLiteral(name)
  const comment = `${escapeLiteral(before)} || oid || ${escapeLiteral(after)}`
  const body = `begin
    execute (select format('comment on database %I is %L', ${literal}, ${comment}) from pg_catalog.pg_database where datname = ${literal});
  end`
  return `do ${escapeLiteral(body)}`
}
