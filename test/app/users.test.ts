import {describe, expect, it} from 'vitest'
import {createActivity, replyToActivity} from '../../src/lib/app/activities.js'
import {createUser, userByHandle, userProfile} from '../../src/lib/app/users.js'
import {cruddur, failureOf} from '../support/cruddur.js'
import {uniqueName} from '../support/databases.js'

const cruds = cruddur()
const db = cruds.open()
const someone = (
  handle = uniqueName('u'),
): {display_name: string; handle: string; email: string; cognito_user_id: string} => ({
  display_name: 'Some One',
  handle,
  email: `${handle}@example.com`,
  cognito_user_id: `sub-${handle}`,
})

describe('createUser', () => {
  it('stores a user, whatever their name', async () => {
    for (const display_name of [
      "Robert'); drop table users; --",
      'עדה 👩‍💻',
      'é'.normalize('NFD'),
      'x'.repeat(1_000_000),
    ]) {
      const user = {...someone(), display_name}
      const stored = await createUser(db, user)
      expect(stored).toMatchObject(user)
      expect(await userByHandle(db, user.handle)).toEqual(stored)
    }
  })

  it('lets one of two have a handle, an address or a Cognito id, in any case, at the same moment too', async () => {
    const user = someone()
    const race = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        failureOf(createUser(db, {...someone(), handle: n % 2 === 0 ? user.handle : user.handle.toUpperCase()})),
      ),
    )
    expect(race.map(({code}) => code).sort()).toEqual([
      'handle_taken',
      'handle_taken',
      'handle_taken',
      'nothing failed',
    ])
    const other = someone()
    await createUser(db, other)
    expect(await failureOf(createUser(db, {...someone(), email: other.email.toUpperCase()}))).toMatchObject({
      code: 'email_taken',
      exitCode: 2,
    })
    expect(await failureOf(createUser(db, {...someone(), cognito_user_id: other.cognito_user_id}))).toMatchObject({
      code: 'cognito_user_id_taken',
    })
  })

  it.each([
    [{handle: ''}, 'handle_blank'],
    [{handle: 'ada lovelace'}, 'handle_invalid'],
    [{handle: 'ädä'}, 'handle_invalid'],
    [{handle: 'a'.repeat(65)}, 'handle_invalid'],
    [{handle: 'a\0'}, 'handle_invalid'],
    [{display_name: '\u200b '}, 'display_name_blank'],
    [{display_name: '\ud83d'}, 'display_name_invalid'],
    [{email: ' '}, 'email_blank'],
    [{cognito_user_id: ''}, 'cognito_user_id_blank'],
    [{display_name: ['x']}, 'display_name_invalid'],
    [{handle: {toString: () => 'ada'}}, 'handle_invalid'],
    [{email: 5}, 'email_invalid'],
  ] as [object, string][])('refuses %j', async (change, code) => {
    expect(await failureOf(createUser(db, {...someone(), ...change}))).toMatchObject({code, exitCode: 2})
  })

  it('complains of everything at once', async () => {
    const nothing = {display_name: '', handle: '', email: '', cognito_user_id: ''}
    expect((await failureOf(createUser(db, nothing))).codes).toEqual([
      'display_name_blank',
      'handle_blank',
      'email_blank',
      'cognito_user_id_blank',
    ])
  })
})

describe('userByHandle and userProfile', () => {
  it('find a user by their handle in any case', async () => {
    expect(await userByHandle(db, 'CHIARA')).toMatchObject({
      handle: 'Chiara',
      email: 'chiara@example.com',
      cognito_user_id: 'sub-chiara',
    })
    expect(await userProfile(db, 'bjorn')).toEqual({
      uuid: expect.any(String) as string,
      display_name: 'Björn Larsen',
      handle: 'bjorn',
      created_at: expect.any(String) as string,
      activities_count: 0,
      activities: [],
    })
  })

  it('are undefined for no one, and refuse no handle', async () => {
    for (const handle of ['nobody', "' or true --", 'a\0b', 'a'.repeat(1_000_000)]) {
      expect(await userByHandle(db, handle)).toBeUndefined()
      expect(await userProfile(db, handle)).toBeUndefined()
    }

    for (const handle of [['ada'], {}, 5] as unknown as string[]) {
      expect(await failureOf(userByHandle(db, handle))).toMatchObject({code: 'user_handle_invalid'})
      expect(await failureOf(userProfile(db, handle))).toMatchObject({code: 'user_handle_invalid'})
    }

    expect(await failureOf(userByHandle(db, ' '))).toMatchObject({code: 'user_handle_blank'})
    expect(await failureOf(userProfile(db, 'ada', {limit: 0}))).toMatchObject({code: 'limit_invalid'})
  })

  it('show the newest activities of the user alone, and count all that have not expired', async () => {
    const mine = []
    for (const message of ['first', 'second', 'third'])
      mine.unshift(await createActivity(db, {handle: 'ada', message, ttl: '1-hour'}))
    await cruds.run(
      "update activities set created_at = now() - interval '2 hours', expires_at = now() where message = 'first'",
    )
    await replyToActivity(db, {uuid: mine[0]?.uuid ?? '', handle: 'bjorn', message: 'reply', ttl: '1-hour'})
    const profile = await userProfile(db, 'Ada', {limit: 1})
    expect(profile).toMatchObject({handle: 'ada', activities_count: 2})
    expect(profile?.activities).toEqual([{...mine[0], replies_count: 1}])
    expect((await userProfile(db, 'ada'))?.activities.map(({message}) => message)).toEqual(['third', 'second'])
  })
})
