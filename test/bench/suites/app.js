import {spawnSync} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import {availableParallelism} from 'node:os'
import pg from 'pg'
import {createActivity, Db, homeActivities} from '../../../dist/index.js'
import {compareWork, goal, median} from '../measure.js'

const sql = (name) => readFile(new URL(`../../../sql/${name}.sql`, import.meta.url), 'utf8')
const callers = 20

/**
 * The data layer beside pg by itself, on 1,000,000 activities of 1,000 users. The server has one core and this process
 * another, where that can be set: left to the scheduler, what is measured is how often it moves a woken process to a
 * core with a cold cache, which is as long as the home page itself.
 */
export default async function app(url) {
  const target = url.withDatabase('bench_app')
  const connectionString = target.toStringWithPassword()
  const postmaster = await fill(url.withDatabase('postgres').toStringWithPassword(), connectionString)
  const cores = availableParallelism()
  const apart = cores > 1 && onCores(postmaster, '0') && onCores(process.pid, '1')
  if (!apart) console.log('The server and this process are not kept to a core each.')
  const client = new pg.Client({connectionString})
  const pool = new pg.Pool({connectionString, max: 10})
  const db = new Db(target)
  await client.connect()
  try {
    await json(client, db)
    await home(client, db, connectionString)
    await creation(pool, db)
  } finally {
    await Promise.all([client.end(), pool.end(), db.close()])
    if (apart) for (const pid of [postmaster, process.pid]) onCores(pid, `0-${cores - 1}`)
  }
}

/** Keeps a process, and those that it starts from now on, to the cores; false where there is no taskset to do so. */
function onCores(pid, list) {
  return spawnSync('taskset', ['-cp', list, String(pid)]).status === 0
}

/** Gives back the server's process id. */
async function fill(maintenance, connectionString) {
  const server = new pg.Client({connectionString: maintenance})
  await server.connect()
  await server.query('create database bench_app')
  const {
    rows: [{postmaster}],
  } = await server.query("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as postmaster")
  await server.end()
  const client = new pg.Client({connectionString})
  await client.connect()
  await client.query(await sql('schema'))
  await client.query(`insert into users (display_name, handle, email, cognito_user_id)
    select 'User ' || n, 'user' || n, n || '@example.com', n::text from generate_series(1, 1000) n`)
  // A minute's worth of ages apart, a third of them expired.
  await client.query(`insert into activities (user_uuid, message, created_at, expires_at)
    select users.uuid, 'Message ' || n || repeat(' and more', n % 20), now() - n * interval '2.5 s', now() + (n % 3 - 0.5) * interval '40 days'
    from generate_series(1, 1000000) n join users on handle = 'user' || (n % 1000 + 1)
    where n % 3 > 0 or n * 2.5 > 40 * 43200`)
  await client.query('vacuum analyze')
  await client.end()
  return postmaster
}

async function json(client, db) {
  const rows = 'select * from activities order by created_at desc limit 10000'
  // Five at a time, so that each way collects its own garbage.
  const five = (work) => async () => {
    for (let n = 0; n < 5; n += 1) await work()
  }
  const times = await compareWork(
    '5 times 10,000 activities as JSON text',
    'client.query + JSON.stringify',
    {
      'client.query + JSON.stringify': five(async () => JSON.stringify((await client.query(rows)).rows)),
      array: five(() => db.array(rows)),
    },
    31,
  )
  goal(
    'array, of client.query + JSON.stringify',
    median(times.array) / median(times['client.query + JSON.stringify']),
    0.6,
  )
}

async function home(client, db, connectionString) {
  const explainer = new pg.Client({connectionString})
  await explainer.connect()
  const first = (await sql('activities/home'))
    .replace(/:before_created_at/g, '$1')
    .replace(/:before_uuid/g, '$2')
    .replace(/:limit/g, '$3')
  // The plan that the Db's own prepared statement comes to.
  await explainer.query('set plan_cache_mode = force_generic_plan')
  await explainer.query(`prepare home as select row_to_json(shaped)::text from (${first}) as shaped`)
  const plans = []
  const times = await compareWork(
    'Home page, first page',
    'SELECT 1',
    {
      'SELECT 1': () => client.query('SELECT 1'),
      homeActivities: () => homeActivities(db),
      'explain analyze': async () => {
        const explained = await explainer.query(
          'explain (analyze, timing off, format json) execute home (null, null, 20)',
        )
        plans.push(explained.rows[0]['QUERY PLAN'][0])
      },
    },
    2000,
  )
  await explainer.end()

  const execution = median(plans.map((plan) => plan['Execution Time'])) / 1000
  console.log(`server: execution ${(execution * 1000).toFixed(2)} ms`)
  const [bare, page] = [median(times['SELECT 1']), median(times.homeActivities)]
  goal('home page, of SELECT 1 + execution', page / (bare + execution), 1.5)
}

async function creation(pool, db) {
  const {
    rows: [{uuid}],
  } = await pool.query("select uuid from users where handle = 'user7'")
  const insert = `insert into activities (user_uuid, message, expires_at) values ($1, $2, now() + interval '7 days') returning *`
  const times = await compareWork('1,000 activities from 20 callers', 'bare INSERT', {
    'bare INSERT': () => fromCallers((n) => pool.query(insert, [uuid, `Message ${n}`])),
    createActivity: () =>
      fromCallers((n) => createActivity(db, {handle: 'user7', message: `Message ${n}`, ttl: '7-days'})),
  })
  // At least 0.8 of the throughput.
  goal('createActivity, of the bare INSERT', median(times.createActivity) / median(times['bare INSERT']), 1.25)
}

async function fromCallers(work) {
  let next = 0
  const caller = async () => {
    while (next < 1000) await work((next += 1))
  }
  await Promise.all(Array.from({length: callers}, caller))
}
