import type {OperationContext} from '../access/context.js'
import {openEmbedded, openTarget, serverHome, type Surroundings} from '../access/open-target.js'
import {errorCode, StateError} from '../errors.js'
import {serverStatus} from '../server/embedded-server.js'
import {serverMajor} from '../server/home.js'
import {protectionOf} from '../targets/protection.js'
import {localName, type Target, variableOf} from '../targets/target.js'
import type {ScratchServer} from './file-schema.js'

type Reports = Pick<OperationContext, 'progress' | 'warn' | 'signal'>

/**
 * The servers on which schemas may be loaded: the embedded one, and that of `local` where it is another and not protected,
 * because that may have extensions that the embedded one lacks. Without `create` only a server that is already there is used.
 */
export function scratchServers(surroundings: Surroundings, reports: Reports, {create = true} = {}): ScratchServer[] {
  const {progress, signal} = reports
  const context = (target: Target): OperationContext => ({
    ...{...reports, target},
    authorize: () => Promise.reject(new TypeError('a scratch database needs no confirmation')),
  })
  const embedded: ScratchServer = {
    async open() {
      if (!create && (await serverStatus(serverHome(surroundings))).state === 'absent')
        throw new StateError('There is no embedded server yet.', {code: 'server_unavailable'})
      return context(await openEmbedded({...surroundings, progress, signal}))
    },
    cache: cacheOf(surroundings),
  }
  if (surroundings.variables.find(variableOf(localName)) === undefined) return [embedded]
  const open = async (): Promise<OperationContext> => {
    const target = await openTarget({name: localName, ...surroundings, progress, signal})
    if (protectionOf(target.name, target.url) !== undefined)
      throw new StateError('The server of local is protected.', {code: 'server_unavailable'})
    return context(target)
  }
  return [embedded, {open, cache: undefined}]
}

function cacheOf(surroundings: Surroundings): ScratchServer['cache'] {
  try {
    return {folder: serverHome(surroundings), major: Number(serverMajor)}
  } catch (error) {
    // The server cannot be started then either.
    if (errorCode(error) === 'home_missing') return undefined
    throw error
  }
}
