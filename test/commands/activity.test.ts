import {describe, expect, it} from 'vitest'
import type {Activity} from '../../src/lib/app/activities.js'
import {cli, json} from '../support/cli.js'
import {cruddur} from '../support/cruddur.js'

const cruds = cruddur()
const env = {CONNECTION_URL: cruds.url}
const run = (command: string, ...args: string[]): ReturnType<typeof cli> => cli([`activity:${command}`, ...args], {env})
const home = async (...args: string[]): Promise<{activities: Activity[]; before: string | null}> =>
  json(await run('home', '--json', ...args)).result as unknown as {activities: Activity[]; before: string | null}

describe('activity:*', () => {
  it("post, show, change and delete by the application's own functions", async () => {
    const created = json(
      await run('create', '--handle', 'ADA', '--message', 'It answers! 👩‍👩‍👧‍👦', '--ttl', '1-hour', '--json'),
    )
    const {uuid} = created.result as unknown as Activity
    expect(created.result).toMatchObject({handle: 'ada', display_name: 'Ada Okafor', message: 'It answers! 👩‍👩‍👧‍👦'})
    expect(await home()).toEqual({activities: [created.result], before: null})

    const changed = await run('update', '--handle', 'ada', '--uuid', uuid, '--message', '\u001b[31mred\nnext')
    expect(changed).toMatchObject({exitCode: 0, stdout: `Updated activity ${uuid} by ada.`})
    const shown = await run('home')
    expect(shown.exitCode).toBe(0)
    expect(shown.stdout.split('\n')).toMatchObject([
      expect.stringMatching(/^CREATED +HANDLE +NAME +REPLIES +LIKES +UUID +MESSAGE$/),
      expect.stringMatching(
        new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d +ada +Ada Okafor +0 +0 +${uuid} +red next$`),
      ),
    ])

    expect(await run('delete', '--handle', 'ada', '--uuid', uuid)).toMatchObject({
      exitCode: 0,
      stdout: `Deleted activity ${uuid}.`,
    })
    expect(await home()).toEqual({activities: [], before: null})
  })

  it('go on where the page before ended', async () => {
    await cruds.run(`insert into activities (user_uuid, message, created_at)
      select users.uuid, n::text, now() - n * interval '1 microsecond' from generate_series(1, 5) n, users where handle = 'ada'`)
    const first = await home('--limit', '2')
    const second = await home('--limit', '2', '--before', first.before ?? '')
    const third = await home('--limit', '2', '--before', second.before ?? '')
    expect([first, second, third].map(({activities}) => activities.map(({message}) => message))).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5'],
    ])
    expect(third.before).toBeNull()
    const human = await run('home', '--limit', '2')
    expect(human.stderr).toContain(`For older activities: --before ${first.before}`)
    await cruds.run('truncate activities')
  })

  it.each([
    [
      ['create', '--handle', 'nobody', '--message', 'x', '--ttl', '1-hour'],
      'user_not_found',
      'No user has this handle.',
    ],
    [
      ['create', '--handle', 'ada', '--message', ' ', '--ttl', '1-hour'],
      'message_blank',
      'The message must not be blank.',
    ],
    [['create', '--handle', 'ada', '--message', 'x', '--ttl', '2-hours'], 'usage', '--ttl must be 30-days'],
    [['create', '--handle', 'ada', '--message', 'x'], 'usage', '--ttl is missing.'],
    [
      ['update', '--handle', 'ada', '--uuid', 'x', '--message', 'x'],
      'activity_not_found',
      'The activity does not exist, or it has expired.',
    ],
    [
      ['delete', '--handle', 'ada', '--uuid', '00000000-0000-4000-8000-000000000000'],
      'activity_not_found',
      'The activity does not exist, or it has expired.',
    ],
    [['home', '--limit', '0'], 'limit_invalid', 'from 1 to 100'],
    [['home', '--before', 'yesterday'], 'before_invalid', 'created_at and uuid'],
  ])('%j is exit 2 and %s', async ([command = '', ...args], code, sentence) => {
    const human = await run(command, ...args)
    expect(human).toMatchObject({exitCode: 2, stdout: ''})
    expect(human.stderr).toContain(sentence)
    expect(json(await run(command, ...args, '--json')).error).toMatchObject({code, exit_code: 2})
  })

  it('on tables that are not there say so', async () => {
    await cruds.run('alter table activities rename to elsewhere')
    const failure = await run('home')
    await cruds.run('alter table elsewhere rename to activities')
    expect(failure).toMatchObject({exitCode: 6})
    expect(failure.stderr).toContain('relation "activities" does not exist (SQLSTATE 42P01)')
  })
})
