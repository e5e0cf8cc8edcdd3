import {createInterface} from 'node:readline'
import {InterruptedError} from '../errors.js'
import type {Answer, Loss} from '../schema-change/questions.js'
import {showControls} from '../text/controls.js'
import {suspendJob} from '../text/suspend.js'
import {canAsk} from './confirmation.js'
import {outcome} from './outcome.js'

/** How a person is asked what becomes of a loss; undefined if nobody can be asked. */
export function lossQuestion(interruption: AbortController): ((loss: Loss) => Promise<Answer>) | undefined {
  if (!canAsk({words: undefined, interactive: !outcome.json})) return undefined
  return (loss) => askAboutLoss(loss, interruption)
}

/** Asks until there is an answer. @throws InterruptedError after Ctrl-C or Ctrl-D */
function askAboutLoss(loss: Loss, interruption: AbortController): Promise<Answer> {
  const {name, column, computed, alike} = loss
  const answers: [key: string, words: string, answer: Answer][] = [
    ...alike.map((to, index): [string, string, Answer] => [
      index === 0 ? 'r' : `r${index + 1}`,
      `rename it to ${to}`,
      {kind: 'rename', to},
    ]),
    computed
      ? ['d', 'drop its values', {kind: 'drop'}]
      : ['d', column === null ? 'drop it with its rows' : 'drop it with its values', {kind: 'drop'}],
    ...(computed ? [] : [['k', 'keep it', {kind: 'keep'}] satisfies [string, string, Answer]]),
  ]
  const lines = [
    computed
      ? `The new schema computes the column ${name}: the values that it has now would be lost.`
      : `The new schema does not have the ${column === null ? 'table' : 'column'} ${name}.`,
    ...answers.map(([key, words]) => `  ${key.padEnd(3)}${words}`),
  ]
  process.stderr.write(`${lines.map((line) => showControls(line)).join('\n')}\n`)
  const question = `${answers.map(([key]) => key).join(', ')}? `
  const prompt = createInterface({input: process.stdin, output: process.stderr, prompt: question})
  return new Promise((resolve, reject) => {
    const interrupt = (): void => {
      process.stderr.write('\n')
      interruption.abort(new InterruptedError())
      reject(new InterruptedError())
    }
    prompt.on('SIGTSTP', () => suspendJob(() => prompt.prompt(true)))
    prompt.once('SIGINT', () => prompt.close())
    prompt.once('close', interrupt)
    prompt.on('line', (line) => {
      const found = answers.find(([key]) => key === line.trim().toLowerCase())
      if (found === undefined) return prompt.prompt()
      prompt.off('close', interrupt).close()
      resolve(found[2])
    })
    prompt.prompt()
  })
}
