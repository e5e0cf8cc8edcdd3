// Writes dist/pg-dump-questions.json: what pg_dump asks every server of a version, whatever is in the database. A link with
// long round trips is then asked once for many of them. pg_dump itself says what it is, to a server that has nothing.
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {Worker} from 'node:worker_threads'

const oldest = 10
const newest = 18
// What these leave out is asked only by some dumps.
const args = [
  '--encoding=UTF8',
  '--schema-only',
  '--no-owner',
  '--no-privileges',
  '--no-publications',
  '--no-subscriptions',
]

/** Texts are kept once, because versions share most of them. */
export async function writeQuestions(root) {
  const texts = []
  const versions = {}
  for (let version = oldest; version <= newest; version++) {
    const asked = await rehearse(join(root, 'dist', 'pg-dump.cjs'), version)
    versions[version] = inGroups(asked).map((group) =>
      group.map((text) => {
        if (!texts.includes(text)) texts.push(text)
        return texts.indexOf(text)
      }),
    )
  }
  writeFileSync(join(root, 'dist', 'pg-dump-questions.json'), JSON.stringify({texts, versions}))
}

/** Settings, then the tables, which pg_dump locks before it asks the rest. */
function inGroups(asked) {
  const begin = asked.indexOf('BEGIN')
  const lock = asked.findIndex((text) => text.includes('FROM pg_class c')) + 1
  return [asked.slice(0, begin), asked.slice(begin, lock), asked.slice(lock)]
}

/** The questions of pg_dump to a server that answers with nothing. */
function rehearse(program, version) {
  const sent = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const worker = new Worker(program, {workerData: {sent}})
  const send = (message) => {
    worker.postMessage(message)
    Atomics.add(sent, 0, 1)
    Atomics.notify(sent, 0)
  }
  return new Promise((resolve, reject) => {
    const asked = []
    worker.on('error', reject)
    worker.on('message', ({kind, bytes, said}) => {
      if (kind === 'done') resolve(asked)
      else if (kind === 'failed') reject(new Error(said))
      else {
        const text = Buffer.from(bytes).toString('utf8', 5, bytes.length - 1)
        // An empty list is of tables that a database may have.
        if (!text.includes("'{}'")) asked.push(text)
        send(answerTo(text))
      }
    })
    send({args, login: loginTo(version)})
  }).finally(() => worker.terminate())
}

function loginTo(version) {
  const settings = {server_version: `${version}.0`, client_encoding: 'UTF8', standard_conforming_strings: 'on'}
  const said = Object.entries(settings).map(([name, value]) => message('S', `${name}\0${value}\0`))
  return Buffer.concat([message('R', Buffer.alloc(4)), ...said, message('Z', 'I')])
}

function answerTo(text) {
  return Buffer.concat([...rowsFor(text), message('C', '\0'), message('Z', 'T')])
}

/** No rows, but for questions that must have one. */
function rowsFor(text) {
  if (!/^(?:SELECT|WITH)\b/.test(text)) return []
  if (!/pg_is_in_recovery\(\)$|current_schemas|set_config\('/.test(text)) return [message('T', Buffer.alloc(2))]
  const column = Buffer.concat([Buffer.from([0, 1]), Buffer.from('a\0'), Buffer.alloc(18)])
  return [message('T', column), message('D', Buffer.from('\0\x01\0\0\0\x02{}'))]
}

function message(type, body) {
  const header = Buffer.alloc(5)
  header.write(type)
  header.writeInt32BE(Buffer.byteLength(body) + 4, 1)
  return Buffer.concat([header, Buffer.from(body)])
}
