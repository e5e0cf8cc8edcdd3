import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import {packageRoot} from '../package-root.js'

/**
 * Reads `name`.sql from the first of `folders` that has it, or from this package's sql folder. The build of the Lambda
 * replaces this file with one that contains the texts.
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
  throw new ConfigurationError(
    `The statement ${name} does not exist. Searched for ${name}.sql in ${places.join(' and ')}.`,
    {
      code: 'statement_missing',
      next: [
        own === undefined
          ? `Write it to ${name}.sql in a folder of your own, and set that folder: new Db(…, {sqlFolder})`
          : `Write it to ${join(own, `${name}.sql`)}. The sqlFolder is ${own}.`,
      ],
      details: {name, folders: places},
    },
  )
}
