import type {Client} from 'pg'

/** How long a server may take to close a session. */
const closeWithinMs = 2000

const closing = new Set<Promise<void>>()

/** Closes the session normally, or the socket if the server does not answer; never rejects. */
export async function close(client: Client): Promise<void> {
  const closed = endOrDrop(client)
  closing.add(closed)
  await closed
  closing.delete(closed)
}

/** Resolves when all sessions are closed whose closing has begun. */
export async function allClosed(): Promise<void> {
  await Promise.all(closing)
}

async function endOrDrop(client: Client): Promise<void> {
  const timer = setTimeout(() => client.connection.stream.destroy(), closeWithinMs)
  try {
    await client.end()
  } catch {
    // The server has already closed the connection.
  } finally {
    clearTimeout(timer)
  }
}
