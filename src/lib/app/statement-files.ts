import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {ConfigurationError, errorCode} from '../errors.js'

const packagedFolder = fileURLToPath(new URL('../../../sql/', import.meta.url))

/**
 * The text of `name`.sql in the first of `folders` that has it, else in this package's own sql folder. The Lambda's
 * build replaces this file by one that holds the texts.
 * @throws ConfigurationError (`statement_missing`)
 */
export async function readStatementFile(name: string, folders: readonly string[]): Promise<string> {
  for (const folder of [...folders, packagedFolder]) {
    try {
      return await readFile(join(folder, `${name}.sql`), 'utf8')
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
    }
  }

  throw new ConfigurationError(`There is no statement ${name}.`, {
    code: 'statement_missing',
    next: [`Write it to ${name}.sql in ${[...folders, packagedFolder].join(' or ')}.`],
    details: {name},
  })
}
