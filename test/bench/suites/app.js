import {readFile} from 'node:fs/promises'
import pg from 'pg'
import {createActivity, Db, homeActivities} from '../../../dist/index.js'
import {compareWork, median} from '../measure.js'

const sql = (name) => readFile(new URL(`../../../sql/${name}.sql`, import.meta.url), 'utf8')
const callers = 20

/** The data layer beside pg by itself, on 1,000,000 activities of 1,000 users. */
export default async function app(url) {
  const target = url.withDatabase('bench_app')
  const connectionString = target.toStringWithPassword()
  await fill(url.withDatabase('postgres').toStringWithPassword(), connectionString)
  const client = new pg.Client({connectionString})
  const pool = new pg.Pool({connectionString, max: 10})
  const db = new Db(target)
  await client.connect()
  try {
    await json(client, db)
    await home(client, db)
    await creation(pool, db)
  } finally {
    await Promise.all([client.end(), pool.end(), db.close()])
  }
}

async function fill(maintenance, connectionString) {
  const server = new pg.Client({connectionString: maintenance})
  await server.connect()
  await server.query('create database bench_app')
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
}

async function json(client, db) {
  const rows = 'select * from activities order by created_at desc limit 10000'
  // Five at a time, so that each way collects its own garbage.
  const five = (work) => async () => {
    for (let n = 0; n < 5; n += 1) await work()
  }
  await compareWork('5 times 10,000 activities as JSON text', 'client.query + JSON.stringify', {
    'client.query + JSON.stringify': five(async () => JSON.stringify((await client.query(rows)).rows)),
    array: five(() => db.array(rows)),
  })
}

async function home(client, db) {
  const times = await compareWork('Home page, first page', 'SELECT 1', {
    'SELECT 1': () => client.query('SELECT 1'),
    homeActivities: () => homeActivities(db),
  }, 2000)
  const first = (await sql('activities/home')).replace(/:before_\w+/g, 'null').replace(/:limit/g, '20')
  const server = []
  for (let round = 0; round < 50; round += 1) {
    const explained = await client.query(`explain (analyze, timing off, format json) select row_to_json(shaped)::text from (${first}) as shaped`)
    server.push(explained.rows[0]['QUERY PLAN'][0])
  }

  const execution = median(server.map((plan) => plan['Execution Time'])) / 1000
  const planning = median(server.map((plan) => plan['Planning Time'])) / 1000
  const [bare, page] = [median(times['SELECT 1']), median(times.homeActivities)]
  console.log(`server: planning ${(planning * 1000).toFixed(2)} ms, execution ${(execution * 1000).toFixed(2)} ms`)
  console.log(`homeActivities / (SELECT 1 + execution): ${(page / (bare + execution)).toFixed(2)}`)
  console.log(`homeActivities / (SELECT 1 + planning + execution): ${(page / (bare + planning + execution)).toFixed(2)}`)
}

async function creation(pool, db) {
  const {rows: [{uuid}]} = await pool.query("select uuid from users where handle = 'user7'")
  const insert = `insert into activities (user_uuid, message, expires_at) values ($1, $2, now() + interval '7 days') returning *`
  await compareWork('1,000 activities from 20 callers (the ratio of throughputs is 1 / this)', 'bare INSERT', {
    'bare INSERT': () => fromCallers((n) => pool.query(insert, [uuid, `Message ${n}`])),
    createActivity: () => fromCallers((n) => createActivity(db, {handle: 'user7', message: `Message ${n}`, ttl: '7-days'})),
  })
}

async function fromCallers(work) {
  let next = 0
  const caller = async () => {
    while (next < 1000) await work((next += 1))
  }
  await Promise.all(Array.from({length: callers}, caller))
}
