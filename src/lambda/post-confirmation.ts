import {Db} from '../lib/app/db.js'
import {postConfirmation} from '../lib/app/post-confirmation.js'
import {iamTokens} from '../lib/aws/rds-token.js'
import {ConnectionUrl} from '../lib/targets/connection-url.js'

/**
 * The function that `npm run build:lambda` bundles. It reads `CONNECTION_URL`, and with `CONNECTION_AUTH=iam` an IAM token
 * stands in for the URL's password. One invocation runs at a time in each instance, so one connection is enough, and
 * it is kept for the next one. Cognito waits 5 seconds: what cannot connect in 3 fails while there is time to say so.
 */
const given = ConnectionUrl.parse(process.env['CONNECTION_URL'] ?? '', 'CONNECTION_URL')
const url = process.env['CONNECTION_AUTH'] === 'iam' ? given.withPasswords(iamTokens(undefined)) : given
const db = new Db(url, {max: 1, waitSeconds: 3, idleSeconds: 0})

/** What the function's configuration names: `post-confirmation.handler`. */
export const handler = postConfirmation(db, (line) => {
  process.stderr.write(`${line}\n`)
})
