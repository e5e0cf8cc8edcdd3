import {DatabaseError} from 'pg'

/** An error as the server has sent it, with all of its fields. */
export type ServerError = DatabaseError

/** The server's error, if it is one, or the cause of one of ours. */
export function serverErrorOf(error: unknown): ServerError | undefined {
  if (error instanceof DatabaseError) return error
  return error instanceof Error && error.cause instanceof DatabaseError ? error.cause : undefined
}
