import type {CommandContext, CommandRunner, Entry, RunCommand} from './command-context.js'
import {describe, without} from './describe.js'
import {commandFailure} from './failures.js'
import {parsePattern} from './pattern.js'

/** A list of the catalog: what `sql/catalog/shell` has a query for. */
interface List {
  title: string
  query: string
  help: string
  /** Columns that are only shown with `+`. */
  more: readonly string[]
  /** Whether psql does not write the number of rows. */
  uncounted?: true
}

const access = 'Access privileges'
const lists: Readonly<Record<string, List>> = {
  df: {
    ...{title: 'List of functions', query: 'functions', help: 'functions'},
    more: ['Volatility', 'Parallel', 'Owner', 'Security', access, 'Language', 'Internal name', 'Description'],
  },
  dn: {title: 'List of schemas', query: 'schemas', help: 'schemas', more: [access, 'Description']},
  du: {title: 'List of roles', query: 'roles', help: 'roles', more: ['Description'], uncounted: true},
  dx: {title: 'List of installed extensions', query: 'extensions', help: 'extensions', more: []},
  dT: {
    ...{title: 'List of data types', query: 'types', help: 'types'},
    more: ['Internal name', 'Size', 'Elements', 'Owner', access],
  },
  dD: {title: 'List of domains', query: 'domains', help: 'domains', more: [access, 'Description']},
  dp: {title: 'Access privileges', query: 'privileges', help: 'who may do what', more: []},
  l: {title: 'List of databases', query: 'databases', help: 'databases', more: ['Size', 'Tablespace', 'Description']},
}

/** The kinds of `\dt` and the like, which may be combined, as in `\dtv`. */
const kinds: Readonly<Record<string, {kinds: string[]; help: string}>> = {
  t: {kinds: ['r', 'p'], help: 'tables'},
  v: {kinds: ['v'], help: 'views'},
  m: {kinds: ['m'], help: 'materialized views'},
  i: {kinds: ['i', 'I'], help: 'indexes'},
  s: {kinds: ['S'], help: 'sequences'},
  E: {kinds: ['f'], help: 'foreign tables'},
}
const allKinds = ['r', 'p', 'v', 'm', 'f', 'S']

function listOf({title, query, more, uncounted}: List): CommandRunner {
  return async ([pattern = ''], {session, show}, command) => {
    const {schema, name} = parsePattern(pattern)
    const all = await session.table(query, [schema ?? null, name ?? null, showsSystem(pattern, command)])
    await show({title, ...(uncounted && {footer: []}), ...(command.more ? all : without(all, ...more))})
  }
}

/** System objects are shown with S, and where a pattern may mean them. */
function showsSystem(pattern: string, {system}: RunCommand): boolean {
  return system || pattern !== ''
}

async function relations(
  of: readonly string[],
  [pattern = '']: string[],
  context: CommandContext,
  command: RunCommand,
): Promise<void> {
  const {schema, name} = parsePattern(pattern)
  const {session, show, remark} = context
  const all = await session.table('relations', [of, schema ?? null, name ?? null, showsSystem(pattern, command)])
  if (all.rows.length === 0)
    return remark(pattern === '' ? 'Did not find any relations.' : `Did not find any relation named "${pattern}".`)
  const stored = of.some((kind) => 'rpmiIf'.includes(kind))
  const hidden = [
    ...(of.includes('i') ? [] : ['Table']),
    ...(command.more ? [] : ['Persistence', 'Access method', 'Size', 'Description']),
    ...(stored ? [] : ['Access method']),
  ]
  await show({title: 'List of relations', ...without(all, ...hidden)})
}

const describeAll: CommandRunner = async (args, context, command) => {
  const [pattern = ''] = args
  if (pattern === '') return relations(allKinds, args, context, command)
  const found = await describe(context.session, parsePattern(pattern), command.more)
  if (found.length === 0) throw commandFailure(`Did not find any relation named "${pattern}".`)
  for (const table of found) await context.show({...table, asTable: true})
}

/** The runner of `\dt`, `\dtv` and so on; undefined for other names. */
export function relationsCommand(name: string): CommandRunner | undefined {
  const [, letters] = /^d([tvmisE]+)$/.exec(name) ?? []
  if (letters === undefined) return undefined
  const wanted = [...letters].flatMap((letter) => kinds[letter]?.kinds ?? [])
  return (args, context, command) => relations(wanted, args, context, command)
}

const source =
  (isView: boolean): CommandRunner =>
  async (args, {session, print}, {more}) => {
    const [name = ''] = args
    if (name === '')
      throw commandFailure(isView ? 'The name of a view is missing.' : 'The name of a function is missing.')
    const {rows} = await session.table('source', isView ? [null, name] : [name, null])
    const text = rows[0]?.[0]
    if (text == null) throw commandFailure(`"${name}" is not a view.`)
    const lines = text.replace(/\n$/, '').split('\n')
    print((more ? numbered(lines, isView) : lines).join('\n'))
  }

/** Lines are counted where the server counts them: from the body of a function. */
function numbered(lines: readonly string[], isView: boolean): string[] {
  const first = isView ? 0 : lines.findIndex((line) => /^(AS |BEGIN ATOMIC|RETURN )/.test(line))
  return lines.map((line, index) => `${index < first ? ' '.repeat(7) : String(index - first + 1).padEnd(7)} ${line}`)
}

/** The commands that show what is in the catalog. */
export const listCommands: Readonly<Record<string, Entry>> = {
  d: {usage: '\\d[S+] [NAME]', help: 'list tables, views and sequences, or describe one', run: describeAll},
  ...Object.fromEntries(
    Object.entries(kinds).map(([letter, {help}]) => {
      const name = `d${letter}`
      return [name, {usage: `\\${name}[S+] [PATTERN]`, help: `list ${help}`, run: relationsCommand(name)!}]
    }),
  ),
  ...Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [
      name,
      {usage: `\\${name}[S+] [PATTERN]`, help: `list ${list.help}`, run: listOf(list)},
    ]),
  ),
  sf: {usage: '\\sf[+] FUNCTION', help: 'show what creates a function', run: source(false)},
  sv: {usage: '\\sv[+] VIEW', help: 'show what creates a view', run: source(true)},
}
