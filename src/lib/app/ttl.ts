import {type Check, checkText} from './complaints.js'

/**
 * How long an activity lives, in hours: a day is 24 of them whatever clocks do in the time zone of a session, which an
 * interval of days would follow.
 */
const hours = {
  '30-days': 720,
  '7-days': 168,
  '3-days': 72,
  '1-day': 24,
  '12-hours': 12,
  '3-hours': 3,
  '1-hour': 1,
} as const

/** How long an activity lives. */
export type Ttl = keyof typeof hours

/** Every {@link Ttl}, the longest first. */
export const ttls = Object.keys(hours) as Ttl[]

/** `ttl_blank` or `ttl_unknown`. */
export function checkTtl(ttl: string | null | undefined): Check {
  const check = checkText('ttl', ttl)
  if (check !== undefined || isTtl(ttl ?? '')) return check
  return {code: 'ttl_unknown', message: `The ttl is none of ${ttls.join(', ')}.`}
}

/** A ttl that {@link checkTtl} let pass, in hours. */
export function hoursOf(ttl: string): number {
  return isTtl(ttl) ? hours[ttl] : 0
}

function isTtl(ttl: string): ttl is Ttl {
  return Object.hasOwn(hours, ttl)
}
