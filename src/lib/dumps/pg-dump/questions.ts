import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {packageRoot} from '../../package-root.js'
import {majorVersion} from '../../postgres/connect/connect.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import {exchangeRaw, type RawAnswer} from '../../postgres/wire/raw-exchange.js'
import {messageOf} from './protocol-message.js'

/** As scripts/pg-dump-questions.js writes it: groups of indexes of texts. */
interface KnownQuestions {
  texts: string[]
  versions: Record<string, number[][]>
}

const headerBytes = 5
const [commandComplete, emptyQuery, readyForQuery] = [...Buffer.from('CIZ')] as [number, number, number]

/**
 * Asks a server the questions of pg_dump. Most of the sixty are the same for each database, and pg_dump waits for each answer:
 * over a link of 20 ms, for more than a second. So when it asks the first one of a group, the server is asked the whole group
 * in one message, in the order of pg_dump, with nothing of pg_dump's between.
 */
export class Questions {
  readonly #groups: string[][]
  readonly #answers = new Map<string, Buffer[]>()

  constructor(private readonly client: PostgresClient) {
    const {texts, versions} = JSON.parse(
      readFileSync(join(packageRoot(), 'dist', 'pg-dump-questions.json'), 'utf8'),
    ) as KnownQuestions
    const groups = versions[majorVersion(client)] ?? []
    this.#groups = groups.map((group) => group.map((index) => texts[index]!))
  }

  /**
   * Returns the server's answer to a message of pg_dump. The error of a later question of the group is the answer, too:
   * pg_dump would end with it.
   * @throws the error of the connection
   */
  async ask(message: Uint8Array): Promise<RawAnswer> {
    const text = Buffer.from(message).toString('utf8', headerBytes, message.length - 1)
    const known = this.#take(text)
    if (known !== undefined) return {answer: known}
    const group = this.#groups[0]
    if (group?.[0] !== text) return exchangeRaw(this.client, message)
    this.#groups.shift()
    const together = await exchangeRaw(this.client, messageOf('Q', Buffer.from(`${group.join(';\n')}\0`)))
    if (together.error !== undefined) return together
    const answers = separated(together.answer)
    for (const [index, each] of group.entries()) {
      const before = this.#answers.get(each) ?? []
      this.#answers.set(each, [...before, answers[index]!])
    }
    return {answer: this.#take(text)!}
  }

  #take(text: string): Buffer | undefined {
    return this.#answers.get(text)?.shift()
  }
}

/** The answers to each of several statements, as if each had been a message of its own. */
function separated(answer: Buffer): Buffer[] {
  const answers: Buffer[] = []
  let begin = 0
  for (let at = 0; at < answer.length;) {
    const type = answer[at]
    const end = at + 1 + answer.readInt32BE(at + 1)
    if (type === readyForQuery) {
      const ready = answer.subarray(at, end)
      return answers.map((each) => Buffer.concat([each, ready]))
    }
    if (type === commandComplete || type === emptyQuery) {
      answers.push(answer.subarray(begin, end))
      begin = end
    }
    at = end
  }
  throw new TypeError('the answer has no end')
}
