import {type Check, checkText} from './complaints.js'

/** Lifetimes in hours, because an interval of days depends on daylight saving time in the session's time zone. */
const hours = {
  '30-days': 720,
  '7-days': 168,
  '3-days': 72,
  '1-day': 24,
  '12-hours': 12,
  '3-hours': 3,
  '1-hour': 1,
} as const

/** The lifetime of an activity. */
export type Ttl = keyof typeof hours

/** All lifetimes, longest first. */
export const ttls = Object.keys(hours) as Ttl[]

/** Returns `ttl_blank`, `ttl_invalid` or `ttl_unknown`. */
export function checkTtl(ttl: unknown): Check {
  const check = checkText('ttl', ttl)
  if (check !== undefined || isTtl(ttl)) return check
  return {code: 'ttl_unknown', message: `The ttl must be one of ${ttls.join(', ')}.`}
}

/** A valid lifetime in hours. */
export function hoursOf(ttl: unknown): number {
  return isTtl(ttl) ? hours[ttl] : 0
}

function isTtl(ttl: unknown): ttl is Ttl {
  return typeof ttl === 'string' && Object.hasOwn(hours, ttl)
}
