import {type Command, Config} from '@oclif/core'
import type {Request} from '../cli/command-line.js'
import {headStart} from '../cli/head-start.js'
import {type ListedCommand, readPackage} from '../cli/manifest.js'
import {outcome} from '../cli/outcome.js'
import {endWithTerminal, outliveReaders} from '../cli/streams.js'
import {packageRoot} from '../package-root.js'
import {refuseFlagsOfNpm} from './npm-flags.js'

/** oclif's configuration as its commands need it. It is not loaded: the manifest was read, and there are no plugins. */
class PlainConfig extends Config {
  override runHook(): Promise<{successes: []; failures: []}> {
    return Promise.resolve({successes: [], failures: []})
  }
}

/** Runs a command with oclif, and sets the exit code. */
export async function runCommand(
  {id, argv}: Request & {kind: 'command'},
  listed: ListedCommand,
  command: Command.Class,
): Promise<void> {
  endWithTerminal()
  // Exit once the event loop is empty; Node's own teardown is slower.
  process.once('beforeExit', () => process.exit())
  // A rejection that no one handles comes here too.
  process.on('uncaughtException', (error) => outcome.fail(error, () => process.exit()))
  try {
    await headStart.begin(argv, listed)
    refuseFlagsOfNpm({kind: 'command', id, argv}, listed, process.env)
    command.id = id
    // oclif's class has brought a listener of its own, which would throw.
    outliveReaders((error) => outcome.fail(error))
    await command.run(argv, plainConfig())
  } catch (error) {
    outcome.fail(error)
  } finally {
    await headStart.abandon()
  }
}

function plainConfig(): Config {
  const root = packageRoot()
  const pjson = readPackage(root)
  const config = new PlainConfig({root})
  const {bin} = pjson.oclif
  return Object.assign(config, {root, pjson, bin, name: pjson.name, version: pjson.version, topicSeparator: ':'})
}
