import {Db} from '../lib/app/db.js'
import {postConfirmation} from '../lib/app/post-confirmation.js'
import {iamTokens} from '../lib/aws/rds-token.js'
import {ConnectionUrl} from '../lib/targets/connection-url.js'

/**
 * The function that `npm run build:lambda` bundles. It reads `CONNECTION_URL`; with `CONNECTION_AUTH=iam` it uses IAM
 * tokens instead of the password. Each instance runs one invocation at a time, so it keeps one connection. Cognito waits 5
 * seconds, so connecting fails after 3, while there is time to report it.
 */
const given = ConnectionUrl.parse(process.env['CONNECTION_URL'] ?? '', 'CONNECTION_URL')
const url = process.env['CONNECTION_AUTH'] === 'iam' ? given.withPasswords(iamTokens(undefined)) : given
const db = new Db(url, {max: 1, waitSeconds: 3, idleSeconds: 0})

/** The handler in the configuration of the function: `post-confirmation.handler`. */
export const handler = postConfirmation(db, (line) => {
  process.stderr.write(`${line}\n`)
})
