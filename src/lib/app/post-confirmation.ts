import {errorCode} from '../errors.js'
import type {Queries} from './queries.js'
import {createUser, type NewUser} from './users.js'

/**
 * What Cognito sends after a confirmation, as far as it is read here
 * (https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html).
 */
export interface PostConfirmationEvent {
  /** `PostConfirmation_ConfirmSignUp`, or `PostConfirmation_ConfirmForgotPassword` for a password reset. */
  triggerSource: string
  userPoolId?: string
  request: {userAttributes: Readonly<Record<string, string | undefined>>}
}

/** One line of the function's log. */
export type Log = (line: string) => void

/**
 * Makes the Lambda handler of Cognito's post-confirmation trigger: it puts the confirmed user in the table and returns the
 * event. Cognito sends an event again when it had no answer in 5 seconds, and fires the trigger for a password reset
 * too: a user who is stored already is left as they are, and one whom an earlier failure left out is stored then.
 *
 * A failure is logged as one line of JSON with its code and the user's `sub`, by which the user can be added later, and
 * thrown: Cognito then answers the one who confirms with UserLambdaValidationException and this error's message, which
 * has a code and no data. They are confirmed all the same, so swallowing it would leave an account without a user and
 * no one who knows.
 */
export function postConfirmation<Event extends PostConfirmationEvent>(
  db: Queries,
  log: Log,
): (event: Event) => Promise<Event> {
  return async (event) => {
    const {
      triggerSource: trigger,
      userPoolId: pool,
      request: {userAttributes: user},
    } = event
    const {sub = '', name = '', email = '', preferred_username = ''} = user
    try {
      await storeOnce(db, {display_name: name, handle: preferred_username, email, cognito_user_id: sub})
      return event
    } catch (error) {
      const code = errorCode(error) ?? 'internal'
      log(JSON.stringify({level: 'error', message: 'The confirmed user was not stored.', code, sub, trigger, pool}))
      throw new Error(`The user was not stored (${code}).`)
    }
  }
}

async function storeOnce(db: Queries, user: NewUser): Promise<void> {
  const isKnown = (): Promise<boolean | undefined> => db.value('users/known', {cognito_user_id: user.cognito_user_id})
  if (await isKnown()) return
  try {
    await createUser(db, user)
  } catch (error) {
    // The same event twice at once: which of the table's rules the second breaks first is not known.
    if (!(await isKnown())) throw error
  }
}
