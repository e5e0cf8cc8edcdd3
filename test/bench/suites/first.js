import {spawn, spawnSync} from 'node:child_process'
import {chmodSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {goal, median} from '../measure.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const rounds = 7

/** `setup` where there is no server yet: initdb and its start are in it. */
export default async function first() {
  const times = []
  for (let round = 0; round < rounds; round += 1) {
    const home = mkdtempSync(join(tmpdir(), 'cruddur-db-bench-'))
    chmodSync(home, 0o755)
    const env = {PATH: process.env.PATH, CRUDDUR_DB_HOME: home}
    try {
      times.push(await timed(['setup'], env))
    } finally {
      spawnSync(process.execPath, [program, 'server:stop'], {env})
      rmSync(home, {recursive: true, force: true})
    }
  }

  goal('first setup, initdb and start included', median(times.map(({whole}) => whole)), 2, 's')
  goal('its first line', median(times.map(({line}) => line)), 0.3, 's')
}

/** Seconds until the first output, and until the end. */
function timed(args, env) {
  const start = performance.now()
  const since = () => (performance.now() - start) / 1000
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {env, stdio: ['ignore', 'ignore', 'pipe']})
    let line
    child.stderr.on('data', () => (line ??= since()))
    child
      .on('error', reject)
      .on('exit', (code) =>
        code === 0 ? resolve({line, whole: since()}) : reject(new Error(`${args.join(' ')} exited with ${code}`)),
      )
  })
}
