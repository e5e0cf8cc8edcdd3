import {execa} from 'execa'
import {createInterface} from 'node:readline'
import type {PostConfirmationEvent} from '../../src/lib/app/post-confirmation.js'
import {bareEnvironment} from './cli.js'

/** The result of an event: the answer, or the error that Lambda reports. */
export interface Invocation {
  returned?: PostConfirmationEvent
  error?: {errorType: string; errorMessage: string}
}

/** One instance of a function: a process that handles its invocations one after the other, as in Lambda. */
export interface Instance {
  invoke(event: object): Promise<Invocation>
  /** Ends the instance and returns its log. */
  end(): Promise<string>
}

/** Imitates Lambda's runtime: it reads one event per line, writes one answer per line, and logs to stderr. */
const runtime = `
const {handler} = await import(process.argv[1])
const {createInterface} = await import('node:readline')
for await (const line of createInterface({input: process.stdin})) {
  const answer = await handler(JSON.parse(line), {}).then(
    (returned) => ({returned}),
    (error) => (console.error(error), {error: {errorType: error.name, errorMessage: error.message}}),
  )
  process.stdout.write(JSON.stringify(answer) + '\\n')
}
process.exit()`

/** Starts an instance of the bundled function; `preload` is JavaScript to run before it. */
export function startInstance(file: string, env: Record<string, string>, preload = ''): Instance {
  const imported = `data:text/javascript,${encodeURIComponent(preload)}`
  const child = execa(
    process.execPath,
    ['--enable-source-maps', '--import', imported, '--input-type=module', '-e', runtime, file],
    {
      env: {...bareEnvironment, ...env},
      extendEnv: false,
      buffer: {stdout: false, stderr: true},
      reject: false,
    },
  )
  const answers = createInterface({input: child.stdout})[Symbol.asyncIterator]()
  return {
    async invoke(event) {
      child.stdin.write(`${JSON.stringify(event)}\n`)
      const answer: IteratorResult<string, unknown> = await answers.next()
      if (answer.done !== true) return JSON.parse(answer.value) as Invocation
      return {error: {errorType: 'Runtime.ExitError', errorMessage: (await child).stderr}}
    },
    async end() {
      child.stdin.end()
      return (await child).stderr
    },
  }
}
