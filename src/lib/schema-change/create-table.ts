import {type Facts, keyOf} from './facts.js'
import type {Statement} from './statement.js'
import {Tokens} from '../sql-text/tokens.js'

/**
 * Has new tables made by one statement each, with the columns in the wanted order: pg-delta adds generated columns to a
 * table that has the others.
 */
export function createWhole(statements: readonly Statement[], to: Facts): Statement[] {
  const merged = new Set<Statement>()
  const whole = statements.map((each) => {
    const table = each.action?.produces.find((id) => id.kind === 'table')
    const wanted = table?.kind === 'table' ? to.tables.get(keyOf(table)) : undefined
    const [, head, body, tail] =
      /^(CREATE (?:UNLOGGED )?TABLE \S+ \()([\s\S]*)(\)(?: PARTITION BY [\s\S]*)?)$/.exec(each.sql) ?? []
    if (wanted === undefined || head === undefined || body === undefined || body.includes(') INHERITS (')) return each
    const added = statements.filter(({sql, action}) =>
      action?.produces.some(
        (id) =>
          id.kind === 'column' &&
          id.schema === wanted.schema &&
          id.table === wanted.name &&
          sql.includes(' ADD COLUMN '),
      ),
    )
    if (added.length === 0) return each
    for (const one of added) merged.add(one)
    const clauses = [
      ...clausesOf(body),
      ...added.map(({sql}) => sql.slice(sql.indexOf(' ADD COLUMN ') + ' ADD COLUMN '.length)),
    ]
    const place = (clause: string): number => {
      const at = wanted.columns.findIndex(({name}) => name === columnOf(clause))
      return at === -1 ? clauses.length : at
    }
    const sorted = [...clauses].sort((one, other) => place(one) - place(other))
    const produces = [...(each.action?.produces ?? []), ...added.flatMap(({action}) => action?.produces ?? [])]
    return {...each, sql: `${head}${sorted.join(', ')}${tail ?? ''}`, action: each.action && {...each.action, produces}}
  })
  return whole.filter((each) => !merged.has(each))
}

/** The parts of a list, at its commas outside of parentheses. */
function clausesOf(body: string): string[] {
  const tokens = new Tokens(body)
  const clauses: string[] = []
  let [depth, start] = [0, 0]
  for (let index = 0; ; index++) {
    const token = tokens.at(index)
    if (token === undefined) break
    const text = body.slice(token.from, token.to)
    if (text === '(' || text === '[') depth++
    if (text === ')' || text === ']') depth--
    if (text !== ',' || depth > 0) continue
    clauses.push(body.slice(start, token.from).trim())
    start = token.to
  }
  return [...clauses, body.slice(start).trim()].filter((clause) => clause !== '')
}

/** The column that a clause defines; undefined for a constraint. */
function columnOf(clause: string): string | undefined {
  const tokens = new Tokens(clause)
  const first = tokens.at(0)
  return first === undefined || first.kind !== 'quoted' ? undefined : tokens.identifier(first)
}
