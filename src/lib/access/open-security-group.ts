import {setTimeout as sleep} from 'node:timers/promises'
import {updateSecurityGroup} from '../aws/update-security-group.js'
import {ConnectionError} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import type {Variables} from '../targets/variables.js'
import type {OperationContext} from './context.js'

/** How long AWS needs to apply a changed rule, in milliseconds. */
const settling = 2000

/**
 * Tries to connect. If the server does not answer, sets the security-group rule to this machine's address; then the command
 * connects as usual. Other failures are ignored here, because the command will report them.
 * @returns whether the rule was changed
 * @throws ConnectionError (`connect_timeout`) if the rule is already right, AwsError, ConfigurationError
 */
export async function openSecurityGroup(
  {variables}: {variables: Variables},
  {target, progress, signal}: Pick<OperationContext, 'target' | 'progress' | 'signal'>,
): Promise<boolean> {
  const silence = await withClient(target.url, {signal}, () => Promise.resolve(undefined)).catch(
    (error: unknown) => error,
  )
  signal.throwIfAborted()
  if (!(silence instanceof ConnectionError) || silence.code !== 'connect_timeout' || silence.details['phase'] !== 'tcp')
    return false
  progress(`${silence.message} Checking the security group.`)
  const {rules} = await updateSecurityGroup({variables}, {progress, signal})
  if (!rules.some(({changed}) => changed)) throw silence
  for (const {ruleId, before, after} of rules)
    progress(`Set ${ruleId} from ${before?.cidr} to ${after.cidr}. Trying again.`)
  await sleep(settling, undefined, {signal})
  return true
}
