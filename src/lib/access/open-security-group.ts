import {setTimeout as sleep} from 'node:timers/promises'
import {updateSecurityGroup} from '../aws/update-security-group.js'
import {ConnectionError} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import type {Variables} from '../targets/variables.js'
import type {OperationContext} from './context.js'

/** AWS takes a moment until a rule that was changed lets anyone in; in milliseconds. */
const settling = 2000

/**
 * Tries to connect, and where nothing answers sets the security group's rule to this machine's address, so that the
 * command's own connection is the one retry. Every other failure is left for the command to meet.
 * @returns whether the rule was changed
 * @throws ConnectionError (`connect_timeout`) where the rule is right already, AwsError, ConfigurationError
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
  progress(`${silence.message} Looking at the security group.`)
  const {rules} = await updateSecurityGroup({variables}, {progress, signal})
  if (!rules.some(({changed}) => changed)) throw silence
  for (const {ruleId, before, after} of rules)
    progress(`Set ${ruleId} from ${before?.cidr} to ${after.cidr}; trying once more.`)
  await sleep(settling, undefined, {signal})
  return true
}
