// The work of one redraw of the live view, in a process of its own: node --expose-gc redraw.js BUNDLE, the bundle being the view's
// code. Prints the milliseconds of each redraw, after looks and after keys.
import {createRequire} from 'node:module'
import {Chalk} from 'chalk'

const {handleKey, initialState, receive, render} = createRequire(import.meta.url)(process.argv[2])
const style = new Chalk({level: 1})
let state = initialState({label: 'local', size: {columns: 160, rows: 50}, interval: 2, all: false, filter: {}})
const looks = []
const keys = []
for (let look = 0; look < 40; look += 1) {
  const overview = {
    sessions: synthetic(look),
    role: 'app',
    superuser: false,
    closed: {closed: look * 500, abandoned: 0, fatal: 0, killed: 0},
  }
  // What making up the sessions leaves to collect is no part of a redraw.
  globalThis.gc({type: 'minor'})
  const start = process.cpuUsage()
  state = receive(state, overview, undefined, look * 2000)
  render(state, style, look * 2000)
  looks.push(work(start))
  const key = process.cpuUsage()
  state = handleKey(state, 'j', look * 2000).state
  render(state, style, look * 2000)
  keys.push(work(key))
}

console.log(JSON.stringify({looks, keys}))

/** Processor time since then, in milliseconds: what others do on the machine is not in it. */
function work(since) {
  const {user, system} = process.cpuUsage(since)
  return (user + system) / 1000
}

/** 5,000 sessions, a tenth of them new at each look. */
function synthetic(look) {
  return Array.from({length: 5000}, (_, index) => {
    const pid = index % 10 === 0 ? 100_000 + look * 5000 + index : 1000 + index
    const blocked = index % 50 === 7
    return {
      pid,
      user: `user${index % 7}`,
      database: `db${index % 5}`,
      client: `10.0.0.${index % 250}:${30_000 + index}`,
      here: false,
      application: index % 3 === 0 ? 'node api/server.js' : '',
      program: index % 3 === 0 ? 'Node' : '',
      state: ['idle', 'active', 'idle in transaction'][index % 3],
      seconds: index / 7,
      transactionSeconds: index % 3 === 0 ? null : index / 5,
      connectedSeconds: 9000,
      backendStart: `2026-01-01T00:00:00.${pid}Z`,
      stateSince: '2026-01-01T00:00:00Z',
      waitType: blocked ? 'Lock' : 'Client',
      waitEvent: blocked ? 'transactionid' : 'ClientRead',
      lock: blocked ? {kind: 'transactionid', mode: 'ShareLock', relation: 'activities'} : null,
      blockedBy: blocked ? [1000 + index - 1] : [],
      superuser: false,
      hidden: false,
      query: `select * from activities where message like '%${index}%' order by created_at desc`,
      backend: 'client backend',
    }
  })
}
