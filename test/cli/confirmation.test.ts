import {describe, expect, it} from 'vitest'
import {databaseExists, query, uniqueName, urlOf} from '../support/databases.js'
import {withTerminal} from '../support/terminal.js'

describe('the question before data of a protected target is destroyed', () => {
  it.each([
    ['the right words', (database: string) => `${database}@127.0.0.1\r`, 0],
    ['other words', () => 'yes\r', 7],
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
})
