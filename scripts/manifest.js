// The list of commands as oclif makes it, from a module that exports their classes as `commands`.
import {Plugin} from '@oclif/core'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'

export async function createManifest(root, target) {
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  pjson.oclif.commands = {strategy: 'explicit', target, identifier: 'commands'}
  const plugin = new Plugin({root, pjson, type: 'core', ignoreManifest: true, errorOnManifestCreate: true})
  await plugin.load()
  return plugin.manifest
}
