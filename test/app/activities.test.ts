import {beforeEach, describe, expect, it} from 'vitest'
import {
  type Activity,
  createActivity,
  deleteActivity,
  homeActivities,
  type NewActivity,
  replyToActivity,
  updateActivity,
} from '../../src/lib/app/activities.js'
import {type Ttl, ttls} from '../../src/lib/app/ttl.js'
import {cruddur, failureOf, postTo} from '../support/cruddur.js'

const cruds = cruddur()
const db = cruds.open()
const post = (message?: string, handle?: string): Promise<Activity> => postTo(db, message, handle)
const {shift} = cruds

beforeEach(() => cruds.run('truncate activities'))

describe('createActivity', () => {
  it('gives back what the home page shows', async () => {
    const activity = await post('It answers!')
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$/) as string
    expect(activity).toEqual({
      uuid: expect.stringMatching(/^[\da-f-]{36}$/) as string,
      display_name: 'Ada Okafor',
      handle: 'ada',
      message: 'It answers!',
      replies_count: 0,
      reposts_count: 0,
      likes_count: 0,
      reply_to_activity_uuid: null,
      expires_at: instant,
      created_at: instant,
    })
    expect(await homeActivities(db)).toEqual([activity])
  })

  it.each([
    ['30-days', 720],
    ['7-days', 168],
    ['3-days', 72],
    ['1-day', 24],
    ['12-hours', 12],
    ['3-hours', 3],
    ['1-hour', 1],
  ] as [Ttl, number][])('lives for %s, which is %d hours in any time zone', async (ttl, hours) => {
    // Two zones that change their clocks on different days: days of 23 and 25 hours are in reach of 30 of them.
    for (const zone of ['America/New_York', 'Australia/Lord_Howe']) {
      const lived = await db.transaction(async (transaction) => {
        await transaction.commit(`set local timezone = '${zone}'`)
        const {created_at, expires_at} = await createActivity(transaction, {handle: 'ada', message: 'x', ttl})
        return Date.parse(expires_at ?? '') - Date.parse(created_at)
      })
      expect(lived).toBe(hours * 3_600_000)
    }
  })

  it('knows every ttl', () => {
    expect(ttls).toEqual(['30-days', '7-days', '3-days', '1-day', '12-hours', '3-hours', '1-hour'])
  })

  const family = '👩‍👩‍👧‍👦'
  it.each([
    ['280 letters', 'a'.repeat(280)],
    ['280 emoji of seven code points', family.repeat(280)],
    ['280 letters with two marks each', 'ạ̈'.normalize('NFD').repeat(280)],
    ['280 flags', '🇳🇴'.repeat(280)],
    ['right-to-left text', 'שלום עולם — مرحبا بالعالم'],
    ['SQL', "'; drop table users; -- $1 :handle"],
    ['line breaks and tabs', ' a\r\n\tb '],
  ])('stores %s as it is', async (_, message) => {
    expect((await post(message)).message).toBe(message)
    const [row] = await cruds.run<{message: string}>('select message from activities')
    expect(row?.message).toBe(message)
  })

  it.each([
    ['281 letters', 'a'.repeat(281), 'message_exceed_max_chars'],
    ['281 emoji', family.repeat(281), 'message_exceed_max_chars'],
    ['a megabyte', 'é'.repeat(500_000), 'message_exceed_max_chars'],
    ['a megabyte of marks on one letter', `a${'\u0301'.repeat(500_000)}`, 'message_exceed_max_chars'],
    ['nothing', '', 'message_blank'],
    ['white space', ' \t\r\n\u00a0\u3000', 'message_blank'],
    ['what shows nothing', '\u200b\u200e\u2060\ufe0f', 'message_blank'],
    ['a zero byte', 'a\0b', 'message_invalid'],
    ['half an emoji', '\ud83d', 'message_invalid'],
  ])('refuses %s', async (_, message, code) => {
    expect(await failureOf(post(message))).toMatchObject({code, codes: [code], exitCode: 2})
    expect(await homeActivities(db)).toEqual([])
  })

  it('takes a handle in any case, and no other', async () => {
    expect((await post('x', 'ADA')).handle).toBe('ada')
    expect((await post('x', 'chiara')).handle).toBe('Chiara')
    for (const handle of ['nobody', "ada' or true", 'ad\0a', 'ádà', 'ada ', 'a'.repeat(1_000_000), '%']) {
      expect(await failureOf(post('x', handle))).toMatchObject({code: 'user_not_found'})
    }
  })

  it('complains of everything at once', async () => {
    const nothing = {handle: ' ', message: '', ttl: '' as Ttl}
    expect(await failureOf(createActivity(db, nothing))).toMatchObject({
      code: 'user_handle_blank',
      codes: ['user_handle_blank', 'message_blank', 'ttl_blank'],
      message: 'The user handle must not be blank. The message must not be blank. The ttl must not be blank.',
    })
    expect(await failureOf(createActivity(db, {handle: 'ada', message: 'x', ttl: '2-days' as Ttl}))).toMatchObject({
      code: 'ttl_unknown',
    })
    expect(await failureOf(createActivity(db, {handle: 'ada', message: 'x', ttl: 'constructor' as Ttl}))).toMatchObject(
      {code: 'ttl_unknown'},
    )
  })

  it('takes nothing but text, whatever a body of JSON holds', async () => {
    const good = {handle: 'ada', message: 'x', ttl: '1-day'}
    for (const [change, code] of [
      [{message: ['a'.repeat(2_000_000)]}, 'message_invalid'],
      [{message: {length: 1, toString: () => 'x'}}, 'message_invalid'],
      [{message: 5}, 'message_invalid'],
      [{message: true}, 'message_invalid'],
      [{message: null}, 'message_blank'],
      [{handle: ['ada']}, 'user_handle_invalid'],
      [{handle: {toPostgres: () => 'ada'}}, 'user_handle_invalid'],
      [{ttl: ['7-days']}, 'ttl_invalid'],
      [{ttl: 7}, 'ttl_invalid'],
    ] as [object, string][]) {
      const failure = await failureOf(createActivity(db, {...good, ...change} as NewActivity))
      expect(failure).toMatchObject({code, codes: [code], exitCode: 2})
    }

    for (const nothing of [undefined, null, 'ada', 5] as unknown as NewActivity[])
      expect((await failureOf(createActivity(db, nothing))).codes).toEqual([
        'user_handle_blank',
        'message_blank',
        'ttl_blank',
      ])
    expect(await homeActivities(db)).toEqual([])
  })

  it('is part of a transaction where it is given one', async () => {
    const failure = db.transaction(async (transaction) => {
      await createActivity(transaction, {handle: 'ada', message: 'x', ttl: '1-day'})
      expect(await homeActivities(transaction)).toHaveLength(1)
      throw new Error('no')
    })
    expect((await failureOf(failure)).message).toBe('no')
    expect(await homeActivities(db)).toEqual([])
  })
})

describe('updateActivity and deleteActivity', () => {
  it("are the author's own", async () => {
    const activity = await post()
    const {uuid} = activity
    expect(await updateActivity(db, {uuid, handle: 'Ada', message: 'Better'})).toEqual({...activity, message: 'Better'})
    expect(await failureOf(updateActivity(db, {uuid, handle: 'bjorn', message: 'Worse'}))).toMatchObject({
      code: 'activity_not_own',
    })
    expect(await failureOf(deleteActivity(db, {uuid, handle: 'bjorn'}))).toMatchObject({code: 'activity_not_own'})
    expect(await homeActivities(db)).toMatchObject([{message: 'Better'}])
    expect(await deleteActivity(db, {uuid, handle: 'ADA'})).toEqual({uuid})
    expect(await homeActivities(db)).toEqual([])
  })

  it('say what was not there', async () => {
    const {uuid} = await post()
    const other = '00000000-0000-4000-8000-000000000000'
    for (const [place, code] of [
      [{uuid, handle: 'nobody'}, 'user_not_found'],
      [{uuid: other, handle: 'ada'}, 'activity_not_found'],
      [{uuid: "' or true", handle: 'ada'}, 'activity_not_found'],
      [{uuid, handle: ''}, 'user_handle_blank'],
    ] as const) {
      expect(await failureOf(updateActivity(db, {...place, message: 'x'}))).toMatchObject({code})
      expect(await failureOf(deleteActivity(db, place))).toMatchObject({code})
    }

    expect(await failureOf(updateActivity(db, {uuid, handle: 'ada', message: ' '}))).toMatchObject({
      code: 'message_blank',
    })
    const listed = [uuid] as unknown as string
    expect(await failureOf(updateActivity(db, {uuid: listed, handle: 'ada', message: 'x'}))).toMatchObject({
      code: 'activity_not_found',
    })
    expect(await failureOf(deleteActivity(db, {uuid: listed, handle: 'ada'}))).toMatchObject({
      code: 'activity_not_found',
    })
    await shift(uuid, -169)
    expect(await failureOf(updateActivity(db, {uuid, handle: 'ada', message: 'x'}))).toMatchObject({
      code: 'activity_not_found',
    })
  })
})

describe('replyToActivity', () => {
  it('stores a reply and counts it, and uncounts it', async () => {
    const {uuid} = await post()
    const reply = await replyToActivity(db, {uuid, handle: 'bjorn', message: 'Indeed', ttl: '1-day'})
    expect(reply).toMatchObject({handle: 'bjorn', message: 'Indeed', reply_to_activity_uuid: uuid})
    expect(await homeActivities(db)).toMatchObject([{uuid: reply.uuid}, {uuid, replies_count: 1}])
    await deleteActivity(db, {uuid: reply.uuid, handle: 'bjorn'})
    expect(await homeActivities(db)).toMatchObject([{uuid, replies_count: 0}])
  })

  it('says what was not there, and counts nothing then', async () => {
    const {uuid} = await post()
    const reply = {uuid, handle: 'bjorn', message: 'Indeed', ttl: '1-day' as const}
    expect(await failureOf(replyToActivity(db, {...reply, handle: 'nobody'}))).toMatchObject({code: 'user_not_found'})
    expect(await failureOf(replyToActivity(db, {...reply, uuid: 'x'}))).toMatchObject({code: 'activity_not_found'})
    expect(await homeActivities(db)).toMatchObject([{uuid, replies_count: 0}])
    await shift(uuid, -169)
    expect(await failureOf(replyToActivity(db, reply))).toMatchObject({code: 'activity_not_found'})
  })

  it('miscounts none of many at the same moment, and a parent takes its replies along', async () => {
    const {uuid} = await post()
    const replies = await Promise.all(
      Array.from({length: 60}, (_, n) =>
        replyToActivity(db, {uuid, handle: ['ada', 'bjorn', 'chiara'][n % 3] ?? '', message: `${n}`, ttl: '1-day'}),
      ),
    )
    await Promise.all(replies.slice(0, 20).map((reply) => deleteActivity(db, reply)))
    expect(await cruds.run('select replies_count from activities where uuid = $1', [uuid])).toEqual([
      {replies_count: 40},
    ])
    await deleteActivity(db, {uuid, handle: 'ada'})
    expect(await cruds.run('select 1 from activities')).toEqual([])
  })
})
