// Prints the JSON Schema of the --json documents; with --write it updates schemas/. The schema is made from the result
// types of the commands, so it always matches the code.
import {readFileSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const {commands} = JSON.parse(readFileSync(`${root}oclif.manifest.json`, 'utf8'))
const answering = Object.values(commands)
  .filter(({flags}) => flags.json !== undefined)
  .sort((a, b) => (a.id < b.id ? -1 : 1))
const fileOf = (id) => `${root}src/commands/${id.replaceAll(':', '/')}.ts`
const documentFile = `${root}src/lib/cli/document.ts`
const aboutFile = `${root}src/lib/start/about.ts`

const {options} = ts.parseJsonConfigFileContent(
  ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config,
  ts.sys,
  root,
)
const program = ts.createProgram([documentFile, aboutFile, ...answering.map(({id}) => fileOf(id))], options)
const checker = program.getTypeChecker()

/** The schemas of named types, by name. */
const definitions = new Map()
const typeOfDefinition = new Map()

function exportsOf(path) {
  const file = program.getSourceFile(path)
  return new Map(checker.getExportsOfModule(checker.getSymbolAtLocation(file)).map((symbol) => [symbol.name, symbol]))
}

const exported = (path, name) => checker.getDeclaredTypeOfSymbol(exportsOf(path).get(name))

/** The type of the value that a command's `run` resolves with. */
function resultOf(id) {
  const type = checker.getDeclaredTypeOfSymbol(exportsOf(fileOf(id)).get('default'))
  const [signature] = checker.getTypeOfSymbol(checker.getPropertyOfType(type, 'run')).getCallSignatures()
  return checker.getAwaitedType(signature.getReturnType())
}

function describe(symbol) {
  const text = ts.displayPartsToString(symbol?.getDocumentationComment(checker) ?? [])
  const plain = text
    .replace(/\{@link (\w+)\}/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
  return plain === '' ? {} : {description: plain}
}

/** A named type becomes a reference to its definition; a type without a name is written in place. */
function schemaOf(type, where) {
  const symbol = type.aliasSymbol ?? (type.flags & ts.TypeFlags.Object ? type.symbol : undefined)
  const named =
    symbol !== undefined &&
    !symbol.name.startsWith('__') &&
    !checker.isArrayType(type) &&
    (type.aliasTypeArguments ?? type.typeArguments ?? []).length === 0
  if (!named) return shapeOf(type, where)
  const {name} = symbol
  if (typeOfDefinition.has(name) && typeOfDefinition.get(name) !== type)
    throw new Error(`${where}: two types have the name ${name}`)
  if (!typeOfDefinition.has(name)) {
    typeOfDefinition.set(name, type)
    definitions.set(name, {...describe(symbol), ...shapeOf(type, name)})
  }

  return {$ref: `#/$defs/${name}`}
}

function shapeOf(type, where) {
  const {flags} = type
  if (flags & (ts.TypeFlags.Unknown | ts.TypeFlags.Any)) return {}
  if (flags & ts.TypeFlags.Null) return {type: 'null'}
  if (type.isStringLiteral() || type.isNumberLiteral()) return {const: type.value}
  if (flags & ts.TypeFlags.BooleanLiteral) return {const: type.intrinsicName === 'true'}
  for (const kind of ['String', 'Number', 'Boolean']) if (flags & ts.TypeFlags[kind]) return {type: kind.toLowerCase()}
  if (type.isUnion()) return unionOf(type, where)
  if (checker.isArrayType(type))
    return {type: 'array', items: schemaOf(checker.getTypeArguments(type)[0], `${where}[]`)}
  if (
    (flags & ts.TypeFlags.Object || type.isIntersection()) &&
    type.getCallSignatures().length === 0 &&
    !type.isClass()
  )
    return objectOf(type, where)
  throw new Error(`${where}: ${checker.typeToString(type)} cannot be described in JSON Schema`)
}

function unionOf(type, where) {
  const kinds = type.types.filter(({flags}) => !(flags & ts.TypeFlags.Undefined))
  const isBoolean = ({flags}) => Boolean(flags & ts.TypeFlags.BooleanLiteral)
  const rest = kinds.filter((kind) => !isBoolean(kind))
  const booleans = kinds.filter(isBoolean)
  const schemas = rest.map((kind) => schemaOf(kind, where))
  schemas.push(...(booleans.length === 2 ? [{type: 'boolean'}] : booleans.map((kind) => shapeOf(kind, where))))
  if (schemas.length === 1) return schemas[0]
  // The compiler's order of a union depends on the files it has read before.
  schemas.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (schemas.every((schema) => 'const' in schema)) return {enum: schemas.map(({const: value}) => value)}
  const plain = schemas.every((schema) => Object.keys(schema).join() === 'type')
  return plain ? {type: schemas.map(({type: name}) => name)} : {anyOf: schemas}
}

function objectOf(type, where) {
  const index = checker.getIndexInfosOfType(type)[0]
  if (index !== undefined) return {type: 'object', additionalProperties: schemaOf(index.type, `${where}[…]`)}
  const properties = checker.getPropertiesOfType(type).map((symbol) => {
    const of = checker.getTypeOfSymbol(symbol)
    const optional =
      Boolean(symbol.flags & ts.SymbolFlags.Optional) ||
      (of.isUnion() && of.types.some(({flags}) => flags & ts.TypeFlags.Undefined))
    return {name: symbol.name, optional, schema: {...describe(symbol), ...schemaOf(of, `${where}.${symbol.name}`)}}
  })
  return {
    type: 'object',
    properties: Object.fromEntries(properties.map(({name, schema}) => [name, schema])),
    required: properties.filter(({optional}) => !optional).map(({name}) => name),
    additionalProperties: false,
  }
}

const frame = shapeOf(exported(documentFile, 'DocumentFrame'), 'DocumentFrame')

/** The document of a result or a failure: the frame, with the fields of `own`. */
function documentOf(description, own, {target, warnings, duration_ms}) {
  const {command = frame.properties.command, ...ending} = own
  const properties = {schema: frame.properties.schema, command, target, ...ending, warnings, duration_ms}
  return {description, type: 'object', properties, required: Object.keys(properties), additionalProperties: false}
}

const failure = documentOf(
  'A failure of any command.',
  {error: schemaOf(exported(documentFile, 'ErrorJson'), 'error')},
  frame.properties,
)
const sameAsFailure = Object.fromEntries(
  Object.keys(frame.properties).map((name) => [name, {$ref: `#/$defs/failure/properties/${name}`}]),
)
const results = [
  ...answering.map(({id, summary}) => ({id, description: summary, type: resultOf(id)})),
  {id: 'help', description: 'The help: without a command, or with --help.', type: exported(aboutFile, 'HelpResult')},
  {id: 'version', description: 'The version: with --version.', type: exported(aboutFile, 'VersionResult')},
]
const documents = Object.fromEntries(
  results.map(({id, description, type}) => [
    id,
    documentOf(description, {command: {const: id}, result: schemaOf(type, id)}, sameAsFailure),
  ]),
)
const byName = ([a], [b]) => (a < b ? -1 : 1)
const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:cruddur-db:1',
  title: 'The documents that cruddur-db prints with --json',
  oneOf: ['failure', ...Object.keys(documents)].map((name) => ({$ref: `#/$defs/${name}`})),
  $defs: {failure, ...documents, ...Object.fromEntries([...definitions].sort(byName))},
}
const text = `${JSON.stringify(schema, null, 2)}\n`

if (process.argv.includes('--write')) writeFileSync(`${root}schemas/cruddur-db-1.json`, text)
else process.stdout.write(text)
