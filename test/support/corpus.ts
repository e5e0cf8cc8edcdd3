import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** The folder of the SQL files that are loaded by psql and by us to the same end. */
export const corpusFolder = fileURLToPath(new URL('../fixtures/sql/', import.meta.url))

/** The names of the corpus's files, those that others include left out. */
export const corpus = readdirSync(corpusFolder).filter((name) => name.endsWith('.sql'))

/** Where the catalog that psql leaves is recorded. */
export const recordedCatalog = (name: string): string => join(corpusFolder, 'catalogs', `${name}.txt`)
