import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {buildingName, freeName, ownDatabases} from '../../../src/lib/databases/own-databases.js'
import {commentAround, readComment, writeComment} from '../../../src/lib/postgres/catalog/marker.js'
import type {ServerDatabase, ServerDatabases} from '../../../src/lib/postgres/catalog/server-databases.js'

// A line that is a marker already is not one that a user has written.
const text = fc.string({unit: 'grapheme'}).filter((value) => !value.includes('[cruddur-db '))
const marker = fc.record(
  {protected: text, state: fc.constantFrom('building', 'kept', 'replaced', 'cache'), of: text, at: text},
  {requiredKeys: []},
)
const protecting = '[cruddur-db {"protected":"7"}]'

describe('a marker in a comment', () => {
  it('comes back with the text that stood there before', () => {
    fc.assert(
      fc.property(text, marker, (own, noted) => {
        expect(readComment(writeComment({text: own, marker: noted}))).toEqual({text: own, marker: noted})
      }),
    )
  })

  it('is the same where the server puts the number into it', () => {
    fc.assert(
      fc.property(text, marker, fc.nat(), (own, noted, oid) => {
        expect(readComment(commentAround({text: own, marker: noted}).join(String(oid)).replace(',}', '}'))).toEqual({
          text: own,
          marker: {oid, ...noted},
        })
      }),
    )
  })

  it.each([null, '', 'a comment', 'see [cruddur-db {"state":"kept"}] in the docs', 'x [cruddur-db {}] y'])(
    'is not seen in %j',
    (comment) => {
      expect(readComment(comment)).toEqual({text: comment ?? '', marker: {}})
    },
  )

  it.each([
    [`${protecting}\na line after it`, 'a line after it'],
    [`before\n${protecting}\nafter`, 'before\nafter'],
    [`a quoted [cruddur-db {"state":"kept"}]\n${protecting}`, 'a quoted [cruddur-db {"state":"kept"}]'],
    [`${protecting}\n[cruddur-db {"state":"kept"}]`, ''],
    [`${protecting}\r\nwritten on Windows`, 'written on Windows'],
    [`as it says: "${protecting}", so ask`, 'as it says: "", so ask'],
    [`${protecting} [sic]`, ' [sic]'],
    ['[cruddur-db {"protected":"7', ''],
    ['[cruddur-db {"state":"kept"}]\n[cruddur-db {cut', ''],
  ])('protects wherever it stands: %j', (comment, own) => {
    expect(readComment(comment).marker.protected).toBeDefined()
    expect(readComment(comment).text).toBe(own)
  })

  it('leaves no comment where there is nothing to note', () => {
    expect(writeComment({text: '', marker: {protected: undefined}})).toBeNull()
    expect(writeComment({text: 'a comment', marker: {}})).toBe('a comment')
  })
})

describe('the names that setup gives', () => {
  it('are new, derived, and no longer than Postgres keeps', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme', minLength: 1}), fc.nat(12), (name, count) => {
        const taken = new Set<string>()
        for (let time = 0; time <= count; time += 1) {
          for (const free of [freeName(name, 'undo', taken), buildingName(name)]) {
            expect(taken.has(free)).toBe(false)
            expect(Buffer.byteLength(free)).toBeLessThanOrEqual(63)
            taken.add(free)
          }
        }
      }),
    )
  })
})

describe('a database that carries a marker', () => {
  const server = '7000'
  const database = (name: string, over: Partial<ServerDatabase> = {}): ServerDatabase => ({
    ...{oid: 5, name, owner: 'app', template: false, plain: true, text: '', sessions: 0, prepared: 0, slots: 0},
    marker: {state: 'kept', of: 'shop', name, oid: 5, server},
    ...over,
  })
  const found = (over: Partial<ServerDatabase>, role = 'app'): string[] => {
    const shop = database('shop', {oid: 4, marker: {}})
    const byName = new Map([shop, database(over.name ?? 'shop_undo', over)].map((one) => [one.name, one]))
    const databases: ServerDatabases = {byName, role, server}
    return ownDatabases(databases, 'shop', 'kept').map(({name}) => name)
  }

  it('is ours where everything fits, for its owner and for a superuser who sets the target up', () => {
    expect(found({})).toEqual(['shop_undo'])
    expect(found({}, 'postgres')).toEqual(['shop_undo'])
    expect(found({name: 'shop_undo7'})).toEqual(['shop_undo7'])
  })

  it.each<[string, Partial<ServerDatabase>]>([
    ['another role', {owner: 'evil'}],
    ['another number', {oid: 6}],
    ['another server', {marker: {state: 'kept', of: 'shop', name: 'shop_undo', oid: 5, server: '1'}}],
    ['no number', {marker: {state: 'kept', of: 'shop', name: 'shop_undo', server}}],
    [
      'the name it had before it was renamed',
      {name: 'shop_before', marker: {state: 'kept', of: 'shop', name: 'shop_undo', oid: 5, server}},
    ],
    [
      'a name of no pattern of ours',
      {name: 'shop_before', marker: {state: 'kept', of: 'shop', name: 'shop_before', oid: 5, server}},
    ],
    [
      'the name of another target',
      {name: 'shopping_undo', marker: {state: 'kept', of: 'shop', name: 'shopping_undo', oid: 5, server}},
    ],
    ['another target', {marker: {state: 'kept', of: 'other', name: 'shop_undo', oid: 5, server}}],
  ])("is somebody's with %s", (_, over) => expect(found(over)).toEqual([]))
})
