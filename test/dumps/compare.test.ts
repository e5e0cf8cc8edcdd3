import {describe, expect, it} from 'vitest'
import {compareSchemas} from '../../src/lib/dumps/compare.js'

const object = (heading: string, sql: string): string => `--\n-- ${heading}; Owner: -\n--\n\n${sql}\n\n\n`
const table = (columns: string): string =>
  object('Name: t; Type: TABLE; Schema: public', `CREATE TABLE public.t (\n${columns}\n);`)
const objects = (a: string, b: string): string[] => compareSchemas(a, b).map((difference) => difference.object)

describe('two schemas', () => {
  it('are compared by objects, whatever their order', () => {
    const view = object('Name: v; Type: VIEW; Schema: public', 'CREATE VIEW public.v AS\n SELECT 1;')
    expect(compareSchemas(table('    a integer') + view, view + table('    a integer'))).toEqual([])
    expect(objects(view, table('    a integer'))).toEqual(['table public.t', 'view public.v'])
  })

  it('name objects as people do', () => {
    const text = [
      object('Name: t t_pkey; Type: CONSTRAINT; Schema: public', 'ALTER TABLE ONLY public.t ADD PRIMARY KEY (a);'),
      object('Name: COLUMN t.a; Type: COMMENT; Schema: public', "COMMENT ON COLUMN public.t.a IS 'x';"),
      object('Name: TABLE t; Type: ACL; Schema: public', 'GRANT SELECT ON TABLE public.t TO r;'),
      object('Name: pgcrypto; Type: EXTENSION; Schema: -', 'CREATE EXTENSION IF NOT EXISTS pgcrypto;'),
    ].join('')
    expect(objects(text, '')).toEqual([
      'extension pgcrypto',
      'comment on column public.t.a',
      'privileges on table public.t',
      'constraint t_pkey on public.t',
    ])
  })

  it('are not split by text that looks like a heading, in a body or a string', () => {
    const body = `CREATE FUNCTION public.f() RETURNS text\n    LANGUAGE sql\n    AS $$\n${table('    a integer')}$$;`
    const text = object('Name: f(); Type: FUNCTION; Schema: public', body)
    expect(objects(text, '')).toEqual(['function public.f()'])
    expect(objects(text, text.replace('a integer', 'a bigint'))).toEqual(['function public.f()'])
  })

  it('may differ only in the order of columns, and a comma at the end of a line does not count', () => {
    const [a, b] = [table('    a integer,\n    b text'), table('    b text,\n    a integer')]
    expect(compareSchemas(a, b)).toMatchObject([{in: 'both', orderOnly: true}])
    const longer = table('    a integer,\n    b text,\n    c text')
    expect(compareSchemas(a, longer)[0]?.lines.filter(({in: where}) => where !== 'both')).toEqual([
      {in: 'b', text: '    c text'},
    ])
  })

  it('count the settings before an object as a part of it', () => {
    const heap = 'SET default_table_access_method = heap;\n\n'
    const space = 'SET default_tablespace = fast;\n\n'
    expect(objects(heap + table('    a integer'), table('    a integer'))).toEqual([])
    expect(objects(space + table('    a integer'), table('    a integer'))).toEqual(['table public.t'])
  })
})
