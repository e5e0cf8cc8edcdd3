/** Postgres counts from the year 2000, not from 1970. */
const millennium = 946_684_800_000_000

/**
 * Converts the bytes of `timestamptz_send` to microseconds since 1970. This is exact, while a Date has only milliseconds,
 * and it does not depend on settings of the session.
 */
export function microseconds(sent: Buffer): number {
  return sent.readInt32BE(0) * 2 ** 32 + sent.readUInt32BE(4) + millennium
}

/** Writes such a time in ISO 8601, in UTC and with microseconds, so that the server reads exactly the same time. */
export function isoTime(moment: number): string {
  const milliseconds = Math.floor(moment / 1000)
  const rest = moment - milliseconds * 1000
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`
}
