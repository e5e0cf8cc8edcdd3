/** Postgres counts from 2000, all else from 1970. */
const millennium = 946_684_800_000_000

/**
 * A moment as the server's `timestamptz_send` gives it, in microseconds since 1970: exact, where a Date is only to the
 * millisecond, and the same under any setting of the session.
 */
export function microseconds(sent: Buffer): number {
  return sent.readInt32BE(0) * 2 ** 32 + sent.readUInt32BE(4) + millennium
}

/** Such a moment in ISO 8601, in UTC and with all its microseconds: the server reads the same moment out of it. */
export function isoTime(moment: number): string {
  const milliseconds = Math.floor(moment / 1000)
  const rest = moment - milliseconds * 1000
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`
}
