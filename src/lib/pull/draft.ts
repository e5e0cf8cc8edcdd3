import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import type {OperationContext} from '../access/context.js'
import {OutputFile} from '../dumps/output-file.js'
import {CruddurError} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import {displayPath} from '../sql-files/sql-file.js'
import {shownName} from '../schema-change/questions.js'
import {pullFolder} from './masks.js'
import {type PullColumn, type PullTable, readPullTables} from './plan.js'

export interface DraftedTable {
  file: string
  /** The columns that are masked. */
  masked: string[]
}

export interface PullDraft {
  source: string
  written: DraftedTable[]
  /** Files that were there already, which are left as they are. */
  existing: string[]
}

/**
 * Writes a SELECT for each table of a source into `sql/pull`, in which columns that seem to be about people are masked. Only
 * names and types are read, no rows. Files that are there are left as they are.
 * @throws ConnectionError, ConfigurationError (`file_unwritable`)
 */
export async function draftPull(cwd: string, {target, signal}: OperationContext): Promise<PullDraft> {
  const tables = await withClient(target.url, {signal}, readPullTables)
  const folder = pullFolder(cwd)
  await mkdir(folder, {recursive: true})
  const draft: PullDraft = {source: target.name, written: [], existing: []}
  for (const table of tables) {
    if (table.partition || (table.kind !== 'r' && table.kind !== 'p') || table.columns.length === 0) continue
    const path = join(folder, `${shownName(table)}.sql`)
    const {text, masked} = selectOf(table)
    try {
      await OutputFile.write(path, {cwd}, (handle) => handle.writeFile(text))
      draft.written.push({file: displayPath(path, cwd), masked})
    } catch (error) {
      if (!(error instanceof CruddurError) || error.code !== 'file_exists') throw error
      draft.existing.push(displayPath(path, cwd))
    }
  }
  return draft
}

const heading =
  '-- A draft by names and types: read each column. It runs on the source, and only its result is pulled.\n'

function selectOf(table: PullTable): {text: string; masked: string[]} {
  const columns = table.columns.filter(({generated}) => !generated)
  const key = columns.filter((column) => column.key)
  // Other values for other rows, and the same at each pull; without a key, as long as the row is where it is.
  const seed =
    key.length === 0 ? 'tableoid::text || ctid::text' : key.map(({sql}) => `${sql}::text`).join(" || '-' || ")
  const masked: string[] = []
  const lines = columns.map((column, index) => {
    const comma = index === columns.length - 1 ? '' : ','
    const found = maskOf(column, `md5(${seed})`)
    if (found === undefined) return `  ${column.sql}${comma}`
    if (found.sql === undefined) return `  ${column.sql}${comma} -- NOT masked: ${found.why}`
    masked.push(column.name)
    return `  ${found.sql} as ${column.sql}${comma} -- masked: ${found.why}`
  })
  return {text: `${heading}select\n${lines.join('\n')}\nfrom ${table.sql}\n`, masked}
}

interface ColumnMask {
  /** Undefined for a column that is left to a person. */
  sql: string | undefined
  why: string
}

/** What a name suggests, and the text in its place. The first that fits counts. */
const suspicions: readonly (readonly [name: RegExp, why: string, text: (hash: string) => string])[] = [
  [/e?_?mail/, 'an email address', (hash) => `left(${hash}, 16) || '@example.com'`],
  [/phone|mobile|fax|msisdn/, 'a phone number', (hash) => `'+1555' || translate(left(${hash}, 7), 'abcdef', '123456')`],
  [/passw|secret|token|api_?key|credential|salt|hash|otp|private_?key|signature/, 'a secret', (hash) => hash],
  [/cognito|auth0|external_?id|oauth|(?:^|_)sub$|session_?id|device/, 'an identity elsewhere', (hash) => hash],
  [/(?:^|_)ip(?:_|$)|ip_?addr|remote_addr/, 'an address of a machine', () => `'192.0.2.1'`],
  [
    /address|street|home|city|zip|postal|postcode|county|lat(?:itude)?$|lng|lon(?:gitude)?$|location|geo/,
    'a place',
    () => `'1 Example Street'`,
  ],
  [/birth|born|dob|(?:^|_)age$/, 'a date of birth', () => `'1970-01-01'`],
  [/ssn|passport|national|tax_?id|iban|account_?n|card|cvv|vat/, 'a number of a document', (hash) => hash],
  [
    /(?:first|last|full|middle|sur|user|display|nick|given|family|maiden)_?name|^name$|_name$|handle|login|author|owner_name|contact|(?:^|_)nick$/,
    'a name',
    (hash) => `'User ' || left(${hash}, 6)`,
  ],
  [
    /message|body|text|content|comment|bio|note|description|subject|title|remark|feedback|reason|about|memo/,
    'free text',
    (hash) => `'Text ' || left(${hash}, 6)`,
  ],
  [
    /user_?agent|referr?er|avatar|photo|picture|image|url|gender|sex|race|religion|nationality|salary|income/,
    'about a person',
    () => `'masked'`,
  ],
]

/** Types that may have anything, and names of texts that say nothing about people. */
const opaque = /^(?:json|jsonb|xml|bytea|hstore|inet|cidr|macaddr8?|point)$/
const harmless =
  /(?:^|_)(?:code|status|state|type|kind|currency|country|lang|language|locale|time_?zone|slug|unit|format|version|role|level|category|colou?r|method|mode|plan|tier|priority)$/

function maskOf(column: PullColumn, hash: string): ColumnMask | undefined {
  const {sql, key, refers, notNull} = column
  const found = suspicionOf(column)
  if (found === undefined) return undefined
  const [why, text] = found
  // What other rows refer to, or by which they are found.
  if (key || refers)
    return /^text$|anything$/.test(why) ? undefined : {why: `${why}, but part of a key`, sql: undefined}
  const value = valueOf(column, text(hash), hash) ?? (notNull ? undefined : 'null')
  const isNull = value === undefined || notNull || value === 'null'
  return {why, sql: isNull ? value : `case when ${sql} is not null then ${value} end`}
}

function suspicionOf({
  name,
  base,
  category,
  length,
}: PullColumn): [why: string, text: (hash: string) => string] | undefined {
  const lower = name.toLowerCase()
  const found = suspicions.find(([pattern]) => pattern.test(lower))
  if (found !== undefined) return [found[1], found[2]]
  if (opaque.test(base)) return [`${base} may have anything`, (hash) => hash]
  const isText = (category === 'S' && (length === null || length > 3)) || /^(?:text|character varying)\[\]$/.test(base)
  return isText && !harmless.test(lower) ? ['text', (hash) => `'Text ' || left(${hash}, 6)`] : undefined
}

/** A value of the type of the column; undefined where there is none that says nothing. */
function valueOf({base, category, length}: PullColumn, text: string, hash: string): string | undefined {
  if (category === 'S') return length === null ? text : `left(${text}, ${length})`
  if (base === 'uuid') return `${hash}::uuid`
  if (category === 'A') return `'{}'`
  return valuesOfTypes.find(([type]) => type.test(base))?.[1]
}

const valuesOfTypes: readonly (readonly [type: RegExp, value: string])[] = [
  [/^jsonb?$/, `'{}'`],
  [/^xml$/, `'<masked/>'`],
  [/^bytea$/, `'\\x'`],
  [/^hstore$/, `''`],
  [/^(?:inet|cidr)$/, `'192.0.2.1'`],
  [/^macaddr$/, `'02:00:00:00:00:01'`],
  [/^macaddr8$/, `'02:00:00:00:00:00:00:01'`],
  [/^point$/, `'(0,0)'`],
  [/^(?:date|timestamp)/, `'1970-01-01'`],
  [/^(?:smallint|integer|bigint|numeric|real|double precision)$/, '0'],
]
