import {ConfigurationError} from '../errors.js'
import {decoderOf, isUtf8} from '../sql-text/encodings.js'

/**
 * The encoding in which files are read until they set one: the one that the URL wants, as in psql. Undefined if
 * there is none, or one that converts nothing: then a file is in UTF-8, or in the encoding of the role or the database.
 * @throws ConfigurationError (`client_encoding_unsupported`)
 */
export function firstEncoding(name: string | undefined): string | undefined {
  if (name === undefined || /^(auto|sql_?ascii)$/i.test(name)) return undefined
  if (isUtf8(name) || decoderOf(name) !== undefined) return name
  throw new ConfigurationError(`SQL files cannot be read in client_encoding ${name}. Nothing was changed.`, {
    code: 'client_encoding_unsupported',
    next: [
      'Save the files as UTF-8, and remove client_encoding from the URL, its options, the service or PGCLIENTENCODING.',
    ],
    details: {encoding: name},
  })
}
