import {describe, expect, it} from 'vitest'
import {forAnyRole, onAnyVersion} from '../../src/lib/schema-change/roles.js'

describe('a statement for any role', () => {
  it.each([
    ['ALTER TABLE public.t OWNER TO "my role"', 'ALTER TABLE public.t OWNER TO CURRENT_USER'],
    ['GRANT SELECT ON TABLE "public"."t" TO "my role"', 'GRANT SELECT ON TABLE "public"."t" TO CURRENT_USER'],
    ['GRANT SELECT ON t TO "my role" WITH GRANT OPTION', 'GRANT SELECT ON t TO CURRENT_USER WITH GRANT OPTION'],
    ['REVOKE ALL ON TABLE public.t FROM "my role"', 'REVOKE ALL ON TABLE public.t FROM CURRENT_USER'],
    [
      'ALTER DEFAULT PRIVILEGES FOR ROLE "my role" IN SCHEMA s GRANT SELECT ON TABLES TO "my role"',
      'ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO CURRENT_USER',
    ],
  ])('does not name the role of the trials: %s', (sql, expected) => {
    expect(forAnyRole(sql, 'my role')).toBe(expected)
  })

  it.each([
    'ALTER TABLE public.t OWNER TO other',
    'ALTER TABLE public.t RENAME TO "my role"',
    'GRANT SELECT ON TABLE public.t TO "my role2"',
    'ALTER DEFAULT PRIVILEGES FOR ROLE other GRANT SELECT ON TABLES TO other',
    `COMMENT ON TABLE public.t IS 'GRANT a TO "my role"'`,
  ])('names other roles, and things that are called so: %s', (sql) => {
    expect(forAnyRole(sql, 'my role')).toBe(sql)
  })
})

describe('a grant for any version', () => {
  const all = 'DELETE, INSERT, MAINTAIN, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE'
  const some = 'DELETE, INSERT, MAINTAIN, REFERENCES, SELECT, TRIGGER, TRUNCATE'

  it.each([
    [`GRANT ${all} ON TABLE t TO r`, ['GRANT ALL ON TABLE t TO r']],
    [`GRANT ${all} ON TABLE t TO r WITH GRANT OPTION`, ['GRANT ALL ON TABLE t TO r WITH GRANT OPTION']],
    [
      `GRANT ${some} ON TABLE t TO r WITH GRANT OPTION`,
      ['GRANT ALL ON TABLE t TO r WITH GRANT OPTION', 'REVOKE UPDATE ON TABLE t FROM r'],
    ],
    [
      `ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT ${some} ON TABLES TO r`,
      [
        'ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT ALL ON TABLES TO r',
        'ALTER DEFAULT PRIVILEGES IN SCHEMA s REVOKE UPDATE ON TABLES FROM r',
      ],
    ],
  ])('does not name MAINTAIN, which Postgres 16 does not know: %s', (sql, expected) => {
    expect(onAnyVersion(sql)).toEqual(expected)
  })

  it.each([
    'GRANT INSERT, MAINTAIN ON TABLE t TO r',
    'GRANT EXECUTE ON FUNCTION f() TO r',
    "COMMENT ON TABLE t IS 'x'",
  ])('stays as it is where that was meant, or is not there: %s', (sql) => {
    expect(onAnyVersion(sql)).toEqual([sql])
  })
})
