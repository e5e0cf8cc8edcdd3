import type {ObjectPair} from '../dumps/compare.js'
import type {SchemaObject} from '../dumps/schema-objects.js'
import {escapeIdentifier, escapeLiteral} from '../postgres/wire/escape.js'
import {SqlSplitter} from '../sql-text/splitter.js'
import type {FeedingSequence} from './rows/sequences.js'
import {forAnyRole} from './roles.js'
import {path} from './sql-names.js'
import {type Statement, statement} from './statement.js'

/**
 * Kinds of objects that pg-delta does not know. They are dropped before its statements, because what it drops may be used by
 * them, and made after its statements, because they may use what it makes.
 */
const unknownKinds =
  /^(?:STATISTICS|OPERATOR|OPERATOR CLASS|OPERATOR FAMILY|CAST|TEXT SEARCH (?:CONFIGURATION|DICTIONARY|PARSER|TEMPLATE)|CONVERSION|TRANSFORM|ACCESS METHOD)$/

/** Drops the objects that pg-delta does not know, and that are not the same in the wanted schema. */
export function dropUnknown(differences: readonly ObjectPair[], role: string): Statement[] {
  return differences.flatMap(({one}) => (one !== undefined && unknownKinds.test(one.type) ? drop(one, role) : []))
}

/** The statements that bring objects from what they are to what is wanted, as far as they can be told from their texts. */
export function repairsOf(differences: readonly ObjectPair[], role: string): Statement[] {
  const drops = differences.flatMap(({one, other}) =>
    one !== undefined && isDropped(one, other) ? drop(one, role) : [],
  )
  const changes = differences.flatMap(({one, other}): Statement[] => {
    if (other === undefined) return []
    if (one === undefined || isDropped(one, other)) return make(other, role)
    return change(one, other, role)
  })
  return [...drops, ...changes]
}

/** Sets sequences past the values of their columns. */
export function advance(behind: readonly FeedingSequence[]): Statement[] {
  return behind.map(({sequenceSql, columnSql, tableSql, descending}) => {
    const [best, last] = descending ? ['least', `min(${columnSql})`] : ['greatest', `max(${columnSql})`]
    return statement(
      `SELECT setval(${escapeLiteral(sequenceSql)}, ${best}(${last}, (SELECT last_value FROM ${sequenceSql}))) FROM ${tableSql} HAVING ${last} IS NOT NULL`,
    )
  })
}

/** The main statement of an object makes it; the others are settings of it. */
function isDropped(one: SchemaObject, other: SchemaObject | undefined): boolean {
  if (other === undefined) return !/^(?:TABLE|SEQUENCE|SCHEMA|EXTENSION|TYPE|DOMAIN)$/.test(one.type)
  if (
    /^(?:TABLE|SEQUENCE|SCHEMA|EXTENSION|TYPE|DOMAIN|COMMENT|ACL|DEFAULT ACL|SEQUENCE OWNED BY|DEFAULT)$/.test(one.type)
  )
    return false
  return statementsOf(one)[0] !== statementsOf(other)[0]
}

function make(object: SchemaObject, role: string): Statement[] {
  return statementsOf(object).flatMap((sql) => withoutOwner(sql, role))
}

/** The role that runs a migration owns what it makes. */
function withoutOwner(sql: string, role: string): Statement[] {
  return sql.endsWith(` OWNER TO ${role}`) || sql.endsWith(` OWNER TO ${escapeIdentifier(role)}`)
    ? []
    : [statement(forAnyRole(sql, role))]
}

/** Settings that are in one text only. The text that makes the object is the same, or cannot be changed by its text. */
function change(one: SchemaObject, other: SchemaObject, role: string): Statement[] {
  const [before, after] = [statementsOf(one), statementsOf(other)]
  if (one.type === 'COMMENT') return make(other, role)
  const isMain = (sql: string): boolean => /^CREATE /.test(sql)
  const gone = before.filter((sql) => !after.includes(sql) && !isMain(sql)).flatMap(inverse)
  const added = after.filter((sql) => !before.includes(sql) && !isMain(sql))
  const isReplaced = (sql: string): boolean => added.some((each) => settingOf(each) === settingOf(sql))
  return [
    ...gone.filter((sql) => !isReplaced(sql)).map((sql) => statement(forAnyRole(sql, role))),
    ...added.map((sql) => statement(forAnyRole(sql, role))),
  ]
}

/** A setting without its value. */
const settingOf = (sql: string): string => sql.replace(/ (SET STATISTICS|SET STORAGE|SET COMPRESSION) .*$/, ' $1')

const inverses: readonly (readonly [setting: RegExp, inverse: string])[] = [
  [/^(ALTER TABLE) (?:ONLY )?(\S+) CLUSTER ON .*$/, '$1 $2 SET WITHOUT CLUSTER'],
  [/^(ALTER .* SET STATISTICS) -?\d+$/, '$1 -1'],
  [/^(ALTER TABLE ONLY \S+ ALTER COLUMN \S+) SET \((\w+)=.*\)$/, '$1 RESET ($2)'],
  [/^(ALTER .* SET STORAGE) \w+$/, '$1 EXTENDED'],
  [/^(ALTER .* SET COMPRESSION) \w+$/, '$1 default'],
  [/^(ALTER TABLE ONLY \S+ REPLICA IDENTITY) .*$/, '$1 DEFAULT'],
  [/^GRANT ([\s\S]*) TO (.*?)(?: WITH GRANT OPTION)?$/, 'REVOKE $1 FROM $2'],
  [/^(ALTER DEFAULT PRIVILEGES .*) GRANT (.*) TO (.*?)(?: WITH GRANT OPTION)?$/, '$1 REVOKE $2 FROM $3'],
  [/^REVOKE ([\s\S]*) FROM (.*)$/, 'GRANT $1 TO $2'],
  [/^(COMMENT ON [\s\S]*?) IS '[\s\S]*$/, '$1 IS NULL'],
]

/** The statement that takes a setting back. */
function inverse(sql: string): string[] {
  const found = inverses.find(([setting]) => setting.test(sql))
  return found === undefined ? [] : [sql.replace(...found)]
}

function drop(object: SchemaObject, role: string): Statement[] {
  const [main = '', ...rest] = statementsOf(object)
  const name = nameIn(object, main, rest)
  if (name !== undefined) return [statement(`DROP ${name}`)]
  return [main, ...rest]
    .filter((sql) => withoutOwner(sql, role).length > 0)
    .flatMap(inverse)
    .map((sql) => statement(forAnyRole(sql, role)))
}

/** What DROP needs after its kind; undefined if the object is not dropped by name. */
function nameIn({type}: SchemaObject, main: string, rest: readonly string[]): string | undefined {
  if (type === 'CAST') return /^CREATE (CAST \([\s\S]*?\)) WITH/.exec(main)?.[1]
  if (type === 'OPERATOR') return rest.map((sql) => /^ALTER (OPERATOR [\s\S]*) OWNER TO /.exec(sql)?.[1]).find(Boolean)
  if (/^OPERATOR (?:CLASS|FAMILY)$/.test(type))
    return rest.map((sql) => /^ALTER (OPERATOR (?:CLASS|FAMILY) [\s\S]*) OWNER TO /.exec(sql)?.[1]).find(Boolean)
  if (type === 'TRANSFORM') return /^CREATE (TRANSFORM FOR [\s\S]*?) \(/.exec(main)?.[1]
  if (/CONSTRAINT$/.test(type)) return undefined
  if (/^(?:FUNCTION|PROCEDURE|AGGREGATE)$/.test(type))
    return rest.map((sql) => new RegExp(`^ALTER (${type} [\\s\\S]*) OWNER TO `).exec(sql)?.[1]).find(Boolean)
  const found = new RegExp(`^CREATE (?:UNIQUE |OR REPLACE |DEFAULT )?${type} (${path})`).exec(main)?.[1]
  if (found === undefined) return undefined
  if (/^(?:TRIGGER|POLICY|RULE)$/.test(type)) {
    const table = new RegExp(`\\sON (${path})`).exec(main)?.[1] ?? new RegExp(`\\sTO (${path})`).exec(main)?.[1]
    return table === undefined ? undefined : `${type} ${found} ON ${table}`
  }
  return `${type} ${found}`
}

/** The statements of an object, without semicolons. */
export function statementsOf({sql}: Pick<SchemaObject, 'sql'>): string[] {
  const splitter = new SqlSplitter({file: 'dump'})
  return [...splitter.push(Buffer.from(sql)), ...splitter.end()]
    .filter(({kind}) => kind === 'statement')
    .map(({bytes, start}) => bytes.toString('utf8', start).trim().replace(/;$/, ''))
}
