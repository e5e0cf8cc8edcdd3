import {type InputComplaint, InputError, SqlError} from '../errors.js'
import {type Activity, checkHandle, checkLimit} from './activities.js'
import {fieldsOf} from './arguments.js'
import {checkText, refuse} from './complaints.js'
import {parseJson} from './json.js'
import type {Queries} from './queries.js'

/** A user in the table. */
export interface User {
  uuid: string
  display_name: string
  handle: string
  email: string
  /** The `sub` of the Cognito user pool. */
  cognito_user_id: string
  created_at: string
}

export type NewUser = Omit<User, 'uuid' | 'created_at'>

/** A user as their profile page shows them, without private data. */
export interface Profile extends Omit<User, 'email' | 'cognito_user_id'> {
  /** The number of activities that have not expired. */
  activities_count: number
  /** The newest activities, newest first. */
  activities: Activity[]
}

/** The validation error for each constraint of the table. */
const takenComplaints: Readonly<Record<string, InputComplaint>> = {
  users_handle_key: {code: 'handle_taken', message: 'Another user has this handle.'},
  users_email_key: {code: 'email_taken', message: 'Another user has this address.'},
  users_cognito_user_id_key: {code: 'cognito_user_id_taken', message: 'This Cognito user is already stored.'},
  users_handle_check: {
    code: 'handle_invalid',
    message: 'A handle must have 1 to 64 characters: letters a to z, digits, ".", "_" and "-".',
  },
  users_display_name_check: {code: 'display_name_blank', message: 'The display name must not be blank.'},
}

/**
 * Stores a user. If two users with one handle are created at the same time, one is stored and the other fails.
 * @throws InputError (`display_name_…`, `handle_…`, `email_…`, `cognito_user_id_…`, each ending in `blank`, `invalid` or
 * `taken`)
 */
export async function createUser(db: Queries, newUser: NewUser): Promise<User> {
  const {display_name, handle, email, cognito_user_id} = fieldsOf<NewUser>(newUser)
  const user = {display_name, handle, email, cognito_user_id}
  refuse(...Object.entries(user).map(([field, text]) => checkText(field, text)))
  try {
    const [stored] = parseJson(await db.commit<User>('users/create', user))
    return stored as User
  } catch (error) {
    const constraint = error instanceof SqlError ? error.details['constraint'] : undefined
    const complaint = typeof constraint === 'string' ? takenComplaints[constraint] : undefined
    throw complaint === undefined ? error : new InputError([complaint], error)
  }
}

/**
 * The user with that handle, in upper or lower case.
 * @throws InputError (`user_handle_blank`, `user_handle_invalid`)
 */
export async function userByHandle(db: Queries, handle: string): Promise<User | undefined> {
  return found<User>(db, 'users/by-handle', {handle})
}

/**
 * The user's profile page, with at most `limit` activities.
 * @throws InputError (`user_handle_blank`, `user_handle_invalid`, `limit_invalid`)
 */
export async function userProfile(
  db: Queries,
  handle: string,
  options: {limit?: number | undefined} = {},
): Promise<Profile | undefined> {
  const {limit = 20} = fieldsOf<{limit: number}>(options)
  refuse(checkLimit(limit))
  return found<Profile>(db, 'users/profile', {handle, limit})
}

async function found<Row extends {uuid: string}>(
  db: Queries,
  name: string,
  parameters: {handle: string; limit?: unknown},
): Promise<Row | undefined> {
  const check = checkHandle(parameters.handle)
  if (check?.code === 'user_not_found') return undefined
  refuse(check)
  const row = parseJson(await db.object<Row>(name, parameters, {idempotent: true}))
  return 'uuid' in row ? (row as Row) : undefined
}
