import {errorCode} from '../errors.js'
import {fieldsOf} from './arguments.js'
import type {Queries} from './queries.js'
import {createUser, type NewUser} from './users.js'

/**
 * The event that Cognito sends after a confirmation, as far as it is used here
 * (https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html).
 */
export interface PostConfirmationEvent {
  /** `PostConfirmation_ConfirmSignUp`, or `PostConfirmation_ConfirmForgotPassword` for a password reset. */
  triggerSource: string
  userPoolId?: string
  request: {userAttributes: Attributes}
}

type Attributes = Readonly<Record<string, string | undefined>>

/** Writes one line to the log of the function. */
export type Log = (line: string) => void

/**
 * Makes the Lambda handler for Cognito's post-confirmation trigger. It stores the confirmed user and returns the event.
 * Cognito repeats an event after 5 seconds without an answer, and also sends one after a password reset. So an existing
 * user is not changed, and a user who is missing because of an earlier failure is stored.
 *
 * A failure is logged as one line of JSON with its code and the user's `sub`, so that the user can be added later. It is
 * also thrown: Cognito then answers with UserLambdaValidationException and this error's message, which contains no data.
 * The user is confirmed anyway, so ignoring the error would leave an account without a user, unnoticed.
 */
export function postConfirmation<Event extends PostConfirmationEvent>(
  db: Queries,
  log: Log,
): (event: Event) => Promise<Event> {
  return async (event) => {
    const {triggerSource: trigger, userPoolId: pool, request} = fieldsOf<PostConfirmationEvent>(event)
    const {userAttributes} = fieldsOf<PostConfirmationEvent['request']>(request)
    const {sub = '', name, email, preferred_username} = fieldsOf<Attributes>(userAttributes)
    try {
      // createUser checks the types.
      await storeOnce(db, {display_name: name, handle: preferred_username, email, cognito_user_id: sub} as NewUser)
      return event
    } catch (error) {
      const code = errorCode(error) ?? 'internal'
      log(JSON.stringify({level: 'error', message: 'The confirmed user was not stored.', code, sub, trigger, pool}))
      throw new Error(`The user was not stored (${code}).`)
    }
  }
}

async function storeOnce(db: Queries, user: NewUser): Promise<void> {
  const isKnown = (): Promise<boolean | undefined> =>
    db.value('users/known', {cognito_user_id: user.cognito_user_id}, {idempotent: true})
  if (await isKnown()) return
  try {
    await createUser(db, user)
  } catch (error) {
    // If the same event runs twice at the same time, the second may violate any constraint of the table.
    if (!(await isKnown())) throw error
  }
}
