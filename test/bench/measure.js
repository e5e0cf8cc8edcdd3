// Whole processes, timed from outside, in interleaved rounds: A B C, A B C, … so that a machine whose speed drifts
// slows all of them alike. What is reported is the median, and the median of the ratios round by round.
import {spawnSync} from 'node:child_process'

/**
 * A command to time; `env` is all it gets beside PATH, `status` its exit code where that is not 0. What `before` does is not
 * timed.
 */
export const node = (args, env = {}) => ({program: process.execPath, args, env})
export const shell = (script, env = {}) => ({program: 'sh', args: ['-ec', script], env})

/** Whether a program is there to compare with. */
export const installed = (program) => spawnSync(program, ['--version']).error === undefined

/**
 * Times each command `rounds` times after one warm-up and prints a table of medians, each as a ratio to the command
 * called `base`. Gives back those ratios.
 */
export function compare(title, base, commands, rounds = 15) {
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]))
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, command] of Object.entries(commands)) {
      const seconds = time(name, command)
      if (round >= 0) times[name].push(seconds)
    }
  }

  return print(title, base, times)
}

/** {@link compare} for work within this process: each of `works` is an async function. Gives back the times, in seconds. */
export async function compareWork(title, base, works, rounds = 15) {
  const times = Object.fromEntries(Object.keys(works).map((name) => [name, []]))
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, work] of Object.entries(works)) {
      const start = performance.now()
      await work()
      if (round >= 0) times[name].push((performance.now() - start) / 1000)
    }
  }

  print(title, base, times)
  return times
}

function print(title, base, times) {
  const ratio = (seconds) => median(seconds.map((value, round) => value / times[base][round]))
  const milliseconds = (seconds) => Number((seconds * 1000).toFixed(seconds < 0.02 ? 2 : 0))
  console.log(`\n${title} (medians of ${times[base].length} interleaved runs)`)
  console.table(
    Object.entries(times).map(([name, seconds]) => ({
      work: name,
      'median ms': milliseconds(median(seconds)),
      [`of ${base}`]: Number(ratio(seconds).toFixed(2)),
    })),
  )
  return Object.fromEntries(Object.entries(times).map(([name, seconds]) => [name, ratio(seconds)]))
}

/**
 * Prints how many instructions each command takes, by valgrind where it is installed: a figure that does not depend on
 * what else the machine does.
 */
export function instructions(title, base, commands) {
  if (!installed('valgrind')) return console.log('\nvalgrind is not installed: instructions are not counted.')
  const counted = Object.entries(commands).map(([name, command]) => [name, count(command)])
  const {[base]: least} = Object.fromEntries(counted)
  console.log(`\n${title}: instructions (one run each)`)
  console.table(
    counted.map(([work, number]) => ({
      work,
      millions: Math.round(number / 1e6),
      [`of ${base}`]: Number((number / least).toFixed(2)),
    })),
  )
}

function count({program, args, env, cwd}) {
  const valgrind = ['--tool=callgrind', '--callgrind-out-file=/dev/null', '--smc-check=all-non-file', program, ...args]
  const {stderr} = spawnSync('valgrind', valgrind, {env: {PATH: process.env.PATH, ...env}, cwd, encoding: 'utf8'})
  return Number(/Collected : (\d+)/.exec(stderr)?.[1])
}

const goals = []

/** Notes a figure beside the most that it may be, for {@link printGoals}. */
export function goal(work, figure, most, unit = '×') {
  goals.push({work, figure: Number(figure.toFixed(2)), goal: `≤ ${most}`, unit, held: figure <= most ? 'yes' : 'NO'})
}

/** All goals that the suites have noted, at the end. */
export function printGoals() {
  if (goals.length === 0) return
  console.log('\nThe goals')
  console.table(goals)
}

function time(name, {program, args, env, cwd, before, status: wanted = 0}) {
  before?.()
  const start = process.hrtime.bigint()
  const {status, error, stderr} = spawnSync(program, args, {
    env: {PATH: process.env.PATH, ...env},
    cwd,
    encoding: 'utf8',
    maxBuffer: 1e9,
  })
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  if (status !== wanted) throw new Error(`${name} failed: ${error ?? stderr}`)
  return seconds
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
