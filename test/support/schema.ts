import {Ajv2020, type ValidateFunction} from 'ajv/dist/2020.js'
import {readFileSync} from 'node:fs'

/** The schema in the package. */
export const schema = JSON.parse(readFileSync(new URL('../../schemas/cruddur-db-1.json', import.meta.url), 'utf8')) as {
  $id: string
  $defs: Record<string, unknown>
}

let ajv: Ajv2020 | undefined

/** Compiles the whole schema or one of its definitions. */
export function validator(definition?: string): ValidateFunction {
  ajv ??= new Ajv2020({allErrors: true, strict: true, allowUnionTypes: true}).addSchema(schema)
  const found = ajv.getSchema(definition === undefined ? schema.$id : `${schema.$id}#/$defs/${definition}`)
  if (found === undefined) throw new Error(`schemas/ has no "${definition}". To update it: npm run docs:schemas`)
  return found
}

/** Throws an error with every difference if the document does not match the schema of the command, or of failures. */
export function checkDocument(document: {command: string | null; error?: unknown}): void {
  const validate = validator(document.error === undefined ? String(document.command) : 'failure')
  if (validate(document)) return
  const wrong = (validate.errors ?? []).map(
    ({instancePath, message, params}) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
  throw new Error(`The document does not match schemas/.\n${wrong.join('\n')}\n${JSON.stringify(document, null, 2)}`)
}
