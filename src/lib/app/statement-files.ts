import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import {packageRoot} from '../package-root.js'

/**
 * The text of `name`.sql in the first of `folders` that has it, else in this package's own sql folder. The Lambda's
 * build replaces this file by one that holds the texts.
 * @throws ConfigurationError (`statement_missing`)
 */
export async function readStatementFile(name: string, folders: readonly string[]): Promise<string> {
  const places = [...folders, join(packageRoot(), 'sql')]
  for (const folder of places) {
    try {
      return await readFile(join(folder, `${name}.sql`), 'utf8')
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
    }
  }

  const [own] = folders
  throw new ConfigurationError(`There is no statement ${name}: looked for ${name}.sql in ${places.join(' and ')}.`, {
    code: 'statement_missing',
    next: [
      own === undefined
        ? `Write it to ${name}.sql in a folder of your own, and name that folder: new Db(…, {sqlFolder})`
        : `Write it to ${join(own, `${name}.sql`)}; sqlFolder is ${own}.`,
    ],
    details: {name, folders: places},
  })
}
