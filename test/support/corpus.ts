import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** The folder of the SQL files that must have the same effect in psql and in this program. */
export const corpusFolder = fileURLToPath(new URL('../fixtures/sql/', import.meta.url))

/** The files of the corpus, without those that other files include. */
export const corpus = readdirSync(corpusFolder).filter((name) => name.endsWith('.sql'))

/** The file with the catalog that psql produced. */
export const recordedCatalog = (name: string): string => join(corpusFolder, 'catalogs', `${name}.txt`)
