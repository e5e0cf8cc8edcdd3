import {describe, expect, it} from 'vitest'
import {forAnyRole} from '../../src/lib/schema-change/roles.js'

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

  it('has MAINTAIN, which Postgres 16 does not know, only where it is not all', () => {
    const all = 'DELETE, INSERT, MAINTAIN, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE'
    expect(forAnyRole(`GRANT ${all} ON TABLE t TO r`, 'o')).toBe('GRANT ALL ON TABLE t TO r')
    expect(forAnyRole('GRANT INSERT, MAINTAIN ON TABLE t TO r', 'o')).toBe('GRANT INSERT, MAINTAIN ON TABLE t TO r')
  })
})
