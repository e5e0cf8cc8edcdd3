import {type InputComplaint, InputError, SqlError} from '../errors.js'
import {fieldsOf} from './arguments.js'
import {type Check, checkText, refuse} from './complaints.js'
import {parseJson} from './json.js'
import {checkMessage} from './message.js'
import type {Queries} from './queries.js'
import {checkTtl, hoursOf, type Ttl} from './ttl.js'

/** An activity, as the home page shows it. Times are in ISO 8601 with offset and microseconds. */
export interface Activity {
  uuid: string
  /** The author's display name. */
  display_name: string
  /** The author's handle without @, as they wrote it. */
  handle: string
  message: string
  replies_count: number
  reposts_count: number
  likes_count: number
  /** The activity to which this one is a reply. */
  reply_to_activity_uuid: string | null
  /** When it expires by the server's clock; null means never. */
  expires_at: string | null
  created_at: string
}

export interface NewActivity {
  /** The author's handle, in upper or lower case. */
  handle: string
  message: string
  ttl: Ttl
}

/** A reply to the activity `uuid`. */
export interface NewReply extends NewActivity {
  uuid: string
}

export interface HomeOptions {
  /** The maximum number of activities, from 1 to 100; default 20. */
  limit?: number | undefined
  /** The last activity of the previous page; undefined for the first page. It may have been deleted since. */
  before?: Pick<Activity, 'created_at' | 'uuid'> | undefined
}

const maxLimit = 100
const uuidShape = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
const instantShape = /^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d(:\d\d){0,2})$/

/**
 * Stores an activity and returns it. `db` is a Db or an open transaction.
 * @throws InputError (`user_handle_blank`, `user_handle_invalid`, `message_blank`, `message_exceed_max_chars`, `message_invalid`, `ttl_blank`,
 * `ttl_unknown`, `user_not_found`)
 */
export async function createActivity(db: Queries, activity: NewActivity): Promise<Activity> {
  const {handle, message, ttl} = fieldsOf<NewActivity>(activity)
  refuse(checkHandle(handle), checkMessage(message), checkTtl(ttl))
  const stored = await write<Activity>(db, 'activities/create', {handle, message, hours: hoursOf(ttl), reply_to: null})
  if (stored === undefined) throw new InputError([complaints.userNotFound])
  return stored
}

/**
 * Stores a reply to an activity and increases its number of replies in one statement, so that concurrent replies are counted
 * right.
 * @throws InputError like {@link createActivity}, and `activity_not_found`
 */
export async function replyToActivity(db: Queries, reply: NewReply): Promise<Activity> {
  const {uuid, handle, message, ttl} = fieldsOf<NewReply>(reply)
  refuse(checkHandle(handle), checkMessage(message), checkTtl(ttl), checkUuid(uuid))
  const stored = await write<Activity>(db, 'activities/create', {handle, message, hours: hoursOf(ttl), reply_to: uuid})
  return stored ?? Promise.reject(await whyNot(db, {handle, uuid}, complaints.activityNotFound))
}

/**
 * Changes the message of an activity. Only its author may do this.
 * @throws InputError (`user_handle_blank`, `message_…`, `user_not_found`, `activity_not_found`, `activity_not_own`)
 */
export async function updateActivity(db: Queries, changed: Omit<NewReply, 'ttl'>): Promise<Activity> {
  const {uuid, handle, message} = fieldsOf<NewReply>(changed)
  refuse(checkHandle(handle), checkMessage(message), checkUuid(uuid))
  const stored = await write<Activity>(db, 'activities/update', {uuid, handle, message})
  return stored ?? Promise.reject(await whyNot(db, {handle, uuid}, complaints.activityNotOwn))
}

/**
 * Deletes an activity and its replies. Only its author may do this.
 * @throws InputError (`user_handle_blank`, `user_not_found`, `activity_not_found`, `activity_not_own`)
 */
export async function deleteActivity(
  db: Queries,
  activity: Pick<NewReply, 'uuid' | 'handle'>,
): Promise<{uuid: string}> {
  const {uuid, handle} = fieldsOf<NewReply>(activity)
  refuse(checkHandle(handle), checkUuid(uuid))
  const deleted = await write<{uuid: string}>(db, 'activities/delete', {uuid, handle})
  return deleted ?? Promise.reject(await whyNot(db, {handle, uuid}, complaints.activityNotOwn))
}

/**
 * One page of the home page: activities that have not expired, newest first. The next page begins after the last activity
 * of this one, so new activities do not shift the pages.
 * @throws InputError (`limit_invalid`, `before_invalid`)
 */
export async function homeActivities(db: Queries, options: HomeOptions = {}): Promise<Activity[]> {
  const {limit = 20, before} = fieldsOf<HomeOptions>(options)
  refuse(checkLimit(limit), checkBefore(before))
  const {created_at = null, uuid = null} = fieldsOf<Partial<Activity>>(before ?? {})
  const place = {before_created_at: created_at, before_uuid: uuid}
  return parseJson(await db.array<Activity>('activities/home', {limit, ...place}, {idempotent: true}))
}

/** Returns `user_handle_blank`, `user_handle_invalid`, or `user_not_found` for text that cannot be a handle. */
export function checkHandle(handle: unknown): Check {
  const check = checkText('user_handle', handle)
  return typeof handle === 'string' && check?.code === 'user_handle_invalid' ? complaints.userNotFound : check
}

/** Returns `limit_invalid` for a limit out of range. */
export function checkLimit(limit: unknown): Check {
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= maxLimit) return undefined
  return {code: 'limit_invalid', message: `The limit must be a whole number from 1 to ${maxLimit}.`}
}

const complaints = {
  userNotFound: {code: 'user_not_found', message: 'No user has this handle.'},
  activityNotFound: {code: 'activity_not_found', message: 'The activity does not exist, or it has expired.'},
  activityNotOwn: {code: 'activity_not_own', message: 'The activity belongs to another user.'},
  beforeInvalid: {code: 'before_invalid', message: 'The value of before must be created_at and uuid of an activity.'},
} as const

/** Text that is not a UUID cannot be an activity. */
function checkUuid(uuid: unknown): Check {
  return isLike(uuidShape, uuid) ? undefined : complaints.activityNotFound
}

function checkBefore(before: unknown): Check {
  if (before === undefined) return undefined
  const {created_at, uuid} = fieldsOf<Partial<Activity>>(before)
  const good = isLike(uuidShape, uuid) && isLike(instantShape, created_at) && !Number.isNaN(Date.parse(created_at))
  return good ? undefined : complaints.beforeInvalid
}

/** A list with one text would match by itself, because it is converted to that text. */
function isLike(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value)
}

/** Runs a write that returns one row; undefined if it changed nothing. */
async function write<Row>(db: Queries, name: string, parameters: Record<string, unknown>): Promise<Row | undefined> {
  try {
    return parseJson(await db.commit<Row>(name, parameters))[0]
  } catch (error) {
    // The user or the activity was deleted at the same time.
    const constraint = error instanceof SqlError ? error.details['constraint'] : undefined
    if (constraint === 'activities_user_uuid_fkey') throw new InputError([complaints.userNotFound], error)
    if (constraint === 'activities_reply_to_activity_uuid_fkey')
      throw new InputError([complaints.activityNotFound], error)
    throw error
  }
}

/** Finds out why a write changed nothing: the user or the activity is missing, or `otherwise`. */
async function whyNot(
  db: Queries,
  place: {handle: unknown; uuid: unknown},
  otherwise: InputComplaint,
): Promise<InputError> {
  const json = await db.object<{user_found: boolean; activity_found: boolean}>('activities/standing', place, {
    idempotent: true,
  })
  const {user_found: user, activity_found: activity} = parseJson(json)
  if (!user) return new InputError([complaints.userNotFound])
  return new InputError([activity ? otherwise : complaints.activityNotFound])
}
