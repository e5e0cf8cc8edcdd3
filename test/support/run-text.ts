import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {withClient} from '../../src/lib/postgres/connect/client.js'
import {type RunOptions, runScripts, type RunSummary, type ScriptMessage} from '../../src/lib/sql-files/run-file.js'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import {urlOf} from './databases.js'

/** The outcome of {@link runTexts}: a summary or an error, and the status lines. */
export interface TextRun {
  summary?: RunSummary
  error?: {
    code: string
    message: string
    next: string[]
    details: {place?: {file: string; line: number; column: number; text: string}}
  }
  said: ScriptMessage[]
}

/** Runs SQL texts in this process, as the files `1.sql`, `2.sql`, … of one run. */
export async function runTexts(database: string, texts: string[], options: Partial<RunOptions> = {}): Promise<TextRun> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-text-'))
  const said: ScriptMessage[] = []
  try {
    const inputs = texts.map((_, index) => ({path: join(folder, `${index + 1}.sql`)}))
    for (const [index, {path}] of inputs.entries()) await writeFile(path, texts[index] ?? '')
    const url = ConnectionUrl.parse(urlOf(database), 'url')
    const onMessage = (message: ScriptMessage): unknown => said.push(message)
    const summary = await withClient(url, {}, (client) =>
      runScripts(client, inputs, {cwd: folder, onMessage, ...options}),
    )
    return {summary, said}
  } catch (error) {
    return {error: error as NonNullable<TextRun['error']>, said}
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}
