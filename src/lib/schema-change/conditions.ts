import {path} from './sql-names.js'
import type {Statement} from './statement.js'

/** Something that a statement demands of the rows that are there. */
export interface Condition {
  /** When the statement stops: a sentence. */
  message: string
  /** A query that finds such rows; undefined if there is none that is simple. */
  query?: string
}

const alterTable = new RegExp(`^ALTER TABLE (?:ONLY )?(${path}) ([\\s\\S]*)$`)
const alterDomain = new RegExp(`^ALTER DOMAIN (${path}) (?:SET NOT NULL|ADD CONSTRAINT (?![\\s\\S]* NOT VALID$))`)
const setNotNull = new RegExp(`^ALTER COLUMN (${path}) SET NOT NULL$`)
const addConstraint = new RegExp(`^ADD CONSTRAINT ${path} ([\\s\\S]*)$`)
const uniqueIndex = new RegExp(`^CREATE UNIQUE INDEX (?:CONCURRENTLY )?${path} ON (?:ONLY )?(${path}) `)

/** What a statement demands of the rows of a table, or the values of a domain, that was there before; undefined if nothing. */
export function conditionOf({sql}: Statement, isOld: (name: string) => boolean): Condition | undefined {
  const [, domain] = alterDomain.exec(sql) ?? []
  if (domain !== undefined)
    return isOld(domain) ? {message: `Stops if a value of the domain ${domain} does not satisfy this.`} : undefined
  const [, indexed] = uniqueIndex.exec(sql) ?? []
  if (indexed !== undefined)
    return isOld(indexed)
      ? {message: `Stops if two rows of ${indexed} are equal in the columns of the index.`}
      : undefined
  const [, table, action = ''] = alterTable.exec(sql) ?? []
  if (table === undefined || !isOld(table)) return undefined
  const [, required] = setNotNull.exec(action) ?? []
  if (required !== undefined)
    return {
      message: `Stops if a row of ${table} has no value in ${required}.`,
      query: `SELECT * FROM ${table} WHERE ${required} IS NULL LIMIT 10`,
    }
  const [, definition = ''] = addConstraint.exec(action) ?? []
  return ofConstraint(table, definition)
}

function ofConstraint(table: string, definition: string): Condition | undefined {
  if (/ NOT VALID$/.test(definition) || / USING INDEX /.test(definition)) return undefined
  const [, columns = ''] = /^(?:UNIQUE(?: NULLS NOT DISTINCT)?|PRIMARY KEY) \((.*?)\)/.exec(definition) ?? []
  if (columns !== '') {
    const required = definition.startsWith('PRIMARY')
      ? []
      : columns.split(', ').map((column) => `${column} IS NOT NULL`)
    const where = required.length === 0 || definition.includes('NULLS NOT') ? '' : ` WHERE ${required.join(' AND ')}`
    return {
      message: `Stops if two rows of ${table} have the same ${columns}.`,
      query: `SELECT ${columns}, count(*) FROM ${table}${where} GROUP BY ${columns} HAVING count(*) > 1 LIMIT 10`,
    }
  }
  const [, check] = /^CHECK \(([\s\S]*)\)(?: NO INHERIT)?$/.exec(definition) ?? []
  if (check !== undefined)
    return {
      message: `Stops if a row of ${table} does not satisfy the check.`,
      query: `SELECT * FROM ${table} WHERE NOT (${check}) LIMIT 10`,
    }
  return foreignKeyCondition(table, definition)
}

function foreignKeyCondition(table: string, definition: string): Condition | undefined {
  const found = new RegExp(`^FOREIGN KEY \\((.*?)\\) REFERENCES (${path})\\((.*?)\\)`).exec(definition)
  if (found === null) return undefined
  const [, own = '', parent = '', keys = ''] = found
  const [columns, others] = [own.split(', '), keys.split(', ')]
  const pairs = columns.map((column, index) => `parent.${others[index] ?? ''} = child.${column}`)
  const filled = columns.map((column) => `child.${column} IS NOT NULL`)
  return {
    message: `Stops if a row of ${table} refers to one that ${parent} does not have.`,
    query: `SELECT * FROM ${table} child WHERE ${filled.join(' AND ')} AND NOT EXISTS (SELECT FROM ${parent} parent WHERE ${pairs.join(' AND ')}) LIMIT 10`,
  }
}
