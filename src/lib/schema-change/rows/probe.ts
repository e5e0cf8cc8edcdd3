import {majorVersion} from '../../postgres/connect/connect.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import {escapeLiteral} from '../../postgres/wire/escape.js'
import {attempt, Refusal, type Text} from './session.js'
import {sqlValue} from './sql-value.js'
import type {Probe} from './type-values.js'

/** Since then a server says whether a text is a value without an error. */
const sayingServer = 16

/** A probe that asks the server, and asks nothing twice. */
export function serverProbe(client: PostgresClient): Probe {
  const answers = new Map<string, boolean>()
  const keyOf = (typeSql: string, text: Text): string => JSON.stringify([typeSql, text])
  return async (typeSql, texts) => {
    const unknown = [...new Set(texts)].filter((text) => !answers.has(keyOf(typeSql, text)))
    const taken = new Set(await ask(client, typeSql, unknown))
    for (const text of unknown) answers.set(keyOf(typeSql, text), taken.has(text))
    return [...new Set(texts)].filter((text) => answers.get(keyOf(typeSql, text)))
  }
}

async function ask(client: PostgresClient, typeSql: string, texts: readonly Text[]): Promise<readonly Text[]> {
  if (texts.length < 2 || majorVersion(client) < sayingServer) return divide(client, typeSql, texts)
  const cells = texts.map((text) => `pg_catalog.pg_input_is_valid(${sqlValue(text)}, ${escapeLiteral(typeSql)})`)
  const answer = await attempt(client, `select ${cells.join(', ')}`)
  // Input functions of extensions may fail nevertheless.
  if (answer instanceof Refusal) return divide(client, typeSql, texts)
  return texts.filter((_, index) => answer[0]?.[index] === 't')
}

/** Asks about all, and about each half if one of them is refused. */
async function divide(client: PostgresClient, typeSql: string, texts: readonly Text[]): Promise<readonly Text[]> {
  if (texts.length === 0) return []
  const cells = texts.map((text) => `${sqlValue(text)}::${typeSql}`)
  if (!((await attempt(client, `select ${cells.join(', ')}`)) instanceof Refusal)) return texts
  if (texts.length === 1) return []
  const half = Math.ceil(texts.length / 2)
  return [
    ...(await divide(client, typeSql, texts.slice(0, half))),
    ...(await divide(client, typeSql, texts.slice(half))),
  ]
}
