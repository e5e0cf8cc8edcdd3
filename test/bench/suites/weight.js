import {spawnSync} from 'node:child_process'
import {mkdtempSync, readdirSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {goal} from '../measure.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const program = join(root, 'bin', 'run.js')
const report =
  "data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS))"

/** What the program weighs: its package, what an installation of it takes, and its memory at work. */
export default async function weight(url) {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-db-weight-'))
  try {
    const packed = JSON.parse(
      run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root).stdout,
    )[0]
    goal('packed tarball', packed.size / 1e6, 1, 'MB')
    run(
      'npm',
      ['install', '--omit=optional', '--no-audit', '--no-fund', '--prefix', folder, join(folder, packed.filename)],
      folder,
    )
    goal('installed, without optional dependencies', sizeOf(join(folder, 'node_modules')) / 1e6, 60, 'MB')
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }

  const env = {PATH: process.env.PATH, CONNECTION_URL: url.withDatabase('bench_weight').toStringWithPassword()}
  const commands = [
    ['--help'],
    ['setup'],
    ['sessions'],
    ['doctor'],
    ['activity:home'],
    ['undo', '--list'],
    ['target'],
    ['drop'],
  ]
  const peaks = commands.map(
    (args) =>
      Number(
        /peak (\d+)/.exec(
          spawnSync(process.execPath, [`--import=${report}`, program, ...args], {env, encoding: 'utf8'}).stderr,
        )?.[1],
      ) / 1000,
  )
  goal(`peak memory, ${commands[peaks.indexOf(Math.max(...peaks))].join(' ')}`, Math.max(...peaks), 90, 'MB')
}

function run(program, args, cwd) {
  const result = spawnSync(program, args, {cwd, encoding: 'utf8', shell: process.platform === 'win32'})
  if (result.status !== 0) throw new Error(`${program} ${args[0]} failed: ${result.error ?? result.stderr}`)
  return result
}

function sizeOf(folder) {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0)
}
