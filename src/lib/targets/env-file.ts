import {readFileSync} from 'node:fs'
import {parseEnv} from 'node:util'
import {ConfigurationError, errorCode} from '../errors.js'

/**
 * The variables of a `.env` file; none if there is no such file.
 * @throws ConfigurationError (`env_file_unreadable`, `env_file_not_utf8`)
 */
export function readEnvFile(path: string): NodeJS.Dict<string> {
  const bytes = readBytes(path)
  if (bytes === undefined) return {}
  refuseUtf16(path, bytes)
  return parseEnv(bytes.toString('utf8').replace(/^\uFEFF/, ''))
}

/**
 * Refuses a `.env` whose variables could not be read, or that would become a mixture if a line in UTF-8 were added.
 * @throws ConfigurationError (`env_file_not_utf8`)
 */
export function refuseUtf16(path: string, bytes: Buffer): void {
  if (!isUtf16(bytes)) return
  throw new ConfigurationError(`${path} is encoded in UTF-16, so its variables cannot be read. Nothing was changed.`, {
    code: 'env_file_not_utf8',
    next: ['Save it as UTF-8. PowerShell writes UTF-16 with > and Out-File; use Out-File -Encoding utf8.'],
    details: {path},
  })
}

/** Whether text is UTF-16, with a byte-order mark or by its zero bytes: read as UTF-8 it would contain no variable. */
export function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0
  return mark === 0xfffe || mark === 0xfeff || bytes.includes(0)
}

/**
 * Refuses a value that refers to another variable. Node reads `.env` without replacing `${NAME}`, and tools that replace it
 * differ in what they do with quotes, defaults and a `$` in a password.
 * @throws ConfigurationError (`env_reference`)
 */
export function refuseReference(name: string, {value, path}: {value: string; path: string}): void {
  if (!/\$\{\w/.test(value)) return
  throw new ConfigurationError(
    `${name} in ${path} refers to another variable with \${…}, and references in .env are not replaced.`,
    {
      code: 'env_reference',
      next: [
        'Write the value itself, or let the shell replace it: set -a; . ./.env; set +a',
        'If a URL should contain a $, write it as %24.',
      ],
      details: {variable: name, path},
    },
  )
}

function readBytes(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    const code = errorCode(error)
    // A folder named .env is usually a Python virtual environment.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined
    throw new ConfigurationError(`${path} cannot be read.`, {
      code: 'env_file_unreadable',
      next: [`Make it readable, or set the variable in the environment.`],
      cause: error,
    })
  }
}
