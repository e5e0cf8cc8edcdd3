import {describe, expect, it} from 'vitest'
import {cli} from '../support/cli.js'
import {databaseExists, query, uniqueName, urlOf} from '../support/databases.js'
import {withTerminal} from '../support/terminal.js'

describe('the question before data of a protected target is destroyed', () => {
  it.each([
    ['the right words with blanks around them', (database: string) => `  ${database}@127.0.0.1 \r`, 0],
    ['the right words the second time', (database: string) => `yes\r${database}@127.0.0.1\r`, 0],
    ['other words twice', () => 'yes\ryes\r', 7],
    ['nothing', () => '\r', 7],
    ['Ctrl-D', () => '\x04', 7],
    ['Ctrl-C', () => '\x03', 130],
  ])('takes %s', async (_, answer, exitCode) => {
    const database = uniqueName('asked')
    await query('postgres', `create database ${database}`)
    await withTerminal(['drop', 'staging'], {env: {STAGING_CONNECTION_URL: urlOf(database)}}, async (terminal) => {
      await terminal.until(`To confirm, type ${database}@127.0.0.1:`)
      terminal.type(answer(database))
      expect(await terminal.exit).toBe(exitCode)
    })
    expect(await databaseExists(database)).toBe(exitCode !== 0)
    await query('postgres', `drop database if exists ${database}`)
  })

  it('is not asked where there is nothing to drop', async () => {
    const env = {STAGING_CONNECTION_URL: urlOf(uniqueName('missing'))}
    await withTerminal(['drop', 'staging'], {env}, async (terminal) => {
      expect(await terminal.exit).toBe(0)
      expect(terminal.screen().join('\n')).toMatch(/does not exist|no database/)
    })
    expect(await cli(['drop', 'staging'], {env})).toMatchObject({exitCode: 0})
  })
})
