import {fileURLToPath} from 'node:url'
import {bar, compare, node, shell} from '../measure.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const bars = {
  '--version': 1.6,
  '--help': 1.6,
  'create --help': 1.6,
  'an unknown command': 1.6,
  'a bad flag': 1.6,
  sessions: 2.2,
}

/** Starts beside bare node. */
export default async function start(url) {
  const failing = (args) => shell(`! "$NODE" "$PROGRAM" ${args} 2>&1`, {NODE: process.execPath, PROGRAM: program})
  const ratios = compare('Starts', 'node -e 0', {
    'node -e 0': node(['-e', '0']),
    '--version': node([program, '--version']),
    '--help': node([program, '--help']),
    'create --help': node([program, 'create', '--help']),
    'an unknown command': failing('dorp'),
    'a bad flag': failing('create --nonsense'),
    sessions: node([program, 'sessions'], {CONNECTION_URL: url.withDatabase('postgres').toStringWithPassword()}),
  })
  for (const [work, most] of Object.entries(bars)) bar(work, ratios[work], most)
}
