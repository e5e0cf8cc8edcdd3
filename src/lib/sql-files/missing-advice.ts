import {sqlState, sqlStateOf} from '../postgres/connect/failures.js'
import type {BufferPiece} from '../sql-text/pieces.js'

const namesRole =
  /^(?:alter\b[^;]*\bowner\s+to|grant|revoke|alter\s+default\s+privileges|set\s+(?:session\s+authorization|role))\b/i
const createsExtension = /^create\s+extension\b/i
/** The server's file of the extension is missing. */
const noFile = '58P01'
const enough = 300

/** What to do about roles and extensions of another server that a file names and this one does not have. */
export function adviceOnMissing(error: unknown, {bytes, start}: BufferPiece): string[] {
  const state = sqlStateOf(error)
  const statement = bytes.toString('utf8', start, start + enough)
  if (state === sqlState.undefinedObject && namesRole.test(statement))
    return [
      'Create the role, or make the dump without owners and privileges: pg_dump --no-owner --no-privileges, or dump without --owners.',
    ]
  if (createsExtension.test(statement) && (state === sqlState.featureNotSupported || state === noFile))
    return ['Install the extension on the server, or remove it from the database before you make the dump.']
  if (createsExtension.test(statement) && state === sqlState.insufficientPrivilege)
    return ['Create the extension in the database as a role that may, for example a superuser.']
  return []
}
