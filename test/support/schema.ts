import {Ajv2020, type ValidateFunction} from 'ajv/dist/2020.js'
import {readFileSync} from 'node:fs'

/** The schema that the package holds. */
export const schema = JSON.parse(readFileSync(new URL('../../schemas/cruddur-db-1.json', import.meta.url), 'utf8')) as {
  $id: string
  $defs: Record<string, unknown>
}

let ajv: Ajv2020 | undefined

/** Of the whole schema, or of one of its definitions. */
export function validator(definition?: string): ValidateFunction {
  ajv ??= new Ajv2020({allErrors: true, strict: true, allowUnionTypes: true}).addSchema(schema)
  const found = ajv.getSchema(definition === undefined ? schema.$id : `${schema.$id}#/$defs/${definition}`)
  if (found === undefined) throw new Error(`schemas/ has no "${definition}": npm run docs:schemas`)
  return found
}

/** Throws with what is wrong where the document of a run is not as the schema has it for that command, or for failures. */
export function checkDocument(document: {command: string | null; error?: unknown}): void {
  const validate = validator(document.error === undefined ? String(document.command) : 'failure')
  if (validate(document)) return
  const wrong = (validate.errors ?? []).map(
    ({instancePath, message, params}) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
  throw new Error(`The document is not as schemas/ says.\n${wrong.join('\n')}\n${JSON.stringify(document, null, 2)}`)
}
