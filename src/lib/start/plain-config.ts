import {Config} from '@oclif/core'
import {readPackage} from '../cli/manifest.js'
import {packageRoot} from '../package-root.js'

class PlainConfig extends Config {
  override runHook(): Promise<{successes: []; failures: []}> {
    return Promise.resolve({successes: [], failures: []})
  }
}

/** oclif's configuration as its commands need it. It is not loaded: the manifest was read, and there are no plugins. */
export function plainConfig(): Config {
  const root = packageRoot()
  const pjson = readPackage(root)
  const {bin} = pjson.oclif
  const facts = {root, pjson, bin, name: pjson.name, version: pjson.version, topicSeparator: ':'}
  return Object.assign(new PlainConfig({root}), facts)
}
