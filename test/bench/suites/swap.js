import {spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {withClients} from '../clients.js'
import {compare, goal, median, node} from '../measure.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
/** Another checkout's bin/run.js, built, to compare with. */
const other = process.env.BENCH_OTHER
const times = 100

/** How long nothing whole stands under a database's name while setup and undo put another in its place; and setup's whole time. */
export default async function swap(url) {
  if (other !== undefined) {
    const replacing = (entry, database) =>
      node([entry, 'setup'], {CONNECTION_URL: url.withDatabase(database).toStringWithPassword()})
    const ratios = compare(
      'setup replacing the Cruddur database, beside another checkout',
      'other',
      {other: replacing(other, 'bench_other'), this: replacing(program, 'bench_this')},
      41,
    )
    goal('setup replacing, of the other checkout', ratios.this, 1)
  } else console.log("\nBENCH_OTHER, another checkout's bin/run.js, is not set: setup is not compared with it.")

  for (const [name, entry] of Object.entries({this: program, ...(other === undefined ? {} : {other})})) {
    for (const count of [3, 12]) {
      const found = await gaps(
        `${name} checkout, ${count} clients`,
        entry,
        count,
        url.withDatabase('bench_swap').toStringWithPassword(),
      )
      if (name !== 'this') continue
      for (const [command, seconds] of Object.entries(found))
        goal(`${command} --force, worst time without, ${count} clients`, Math.max(...seconds), 0.25, 's')
    }
  }
}

async function gaps(title, entry, count, CONNECTION_URL) {
  const run = (command) =>
    spawnSync(process.execPath, [entry, ...command, '--force'], {
      env: {PATH: process.env.PATH, CONNECTION_URL},
      encoding: 'utf8',
    })
  run(['drop'])
  run(['setup'])
  const found = {setup: [], undo: []}
  const failed = {setup: 0, undo: 0}
  await withClients(CONNECTION_URL, count, async (waited) => {
    for (let time = 0; time < times; time += 1) {
      for (const command of ['setup', 'undo']) {
        const {status} = run([command])
        const seconds = await waited()
        if (status === 0) found[command].push(seconds)
        else failed[command] += 1
      }
    }
  })
  console.log(`\nTime without a whole database under the name, ${title}, ${times} of each`)
  console.table(
    Object.entries(found).map(([command, seconds]) => ({
      work: `${command} --force`,
      'median ms': Math.round(median(seconds) * 1000),
      'worst ms': Math.round(Math.max(...seconds) * 1000),
      failed: failed[command],
    })),
  )
  return found
}
