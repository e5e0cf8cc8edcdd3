import {fileURLToPath} from 'node:url'
import {compare, goal, instructions, node} from '../measure.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const limits = {
  '--version': 1.4,
  '--help': 1.4,
  'create --help': 1.4,
  'an unknown command': 1.4,
  'a bad flag': 1.4,
  sessions: 2.4,
}

/** Starts beside bare node. */
export default async function start(url) {
  const failing = (args) => ({...node([program, ...args]), status: 2})
  const commands = {
    'node -e 0': node(['-e', '0']),
    '--version': node([program, '--version']),
    '--help': node([program, '--help']),
    'create --help': node([program, 'create', '--help']),
    'an unknown command': failing(['dorp']),
    'a bad flag': failing(['create', '--nonsense']),
    sessions: node([program, 'sessions'], {CONNECTION_URL: url.withDatabase('postgres').toStringWithPassword()}),
  }
  const ratios = compare('Starts', 'node -e 0', commands)
  for (const [work, most] of Object.entries(limits)) goal(work, ratios[work], most)
  instructions('Starts', 'node -e 0', commands)
}
