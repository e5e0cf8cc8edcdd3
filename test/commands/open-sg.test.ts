import {describe, expect, it, vi} from 'vitest'
import {ids, postgresRule, withFakeEc2} from '../support/aws.js'
import {startBlackHole} from '../support/black-hole.js'
import {cli, json, start} from '../support/cli.js'
import {urlOf} from '../support/databases.js'

const main = new URL(urlOf('postgres'))
const urlAt = (port: number): string => `${main.href.replace(main.host, `127.0.0.1:${port}`)}?connect_timeout=1`

describe('--open-sg', () => {
  it('sets the rule where nothing answers, says so, and the command goes on', async () => {
    const hole = await startBlackHole('127.0.0.1', Number(main.port))
    await withFakeEc2([postgresRule], async ({ec2, env}) => {
      const all = {...env, GITPOD_IP: '203.0.113.9', PROD_CONNECTION_URL: urlAt(hole.port)}
      const running = start(['sessions', 'prod', '--open-sg'], {env: all})
      await vi.waitUntil(() => ec2.rules.get(ids.ruleId)?.CidrIpv4 === '203.0.113.9/32', {timeout: 15_000})
      hole.open()
      const {exitCode, stderr} = await running
      expect(stderr).toContain(`Set ${ids.ruleId} from 198.51.100.7/32 to 203.0.113.9/32. Trying again.`)
      expect(exitCode).toBe(0)
    })
    hole.close()
  })

  it('changes nothing where the rule is right already: then it was not the security group', async () => {
    const hole = await startBlackHole()
    await withFakeEc2([postgresRule], async ({ec2, env}) => {
      const result = await cli(['sessions', 'prod', '--open-sg', '--json'], {
        env: {...env, GITPOD_IP: '198.51.100.7', PROD_CONNECTION_URL: urlAt(hole.port)},
      })
      expect(json(result).error).toMatchObject({code: 'connect_timeout', exit_code: 4})
      expect(ec2.actions()).toEqual(['DescribeSecurityGroupRules'])
      const without = await cli(['sessions', 'prod', '--json'], {env: {...env, PROD_CONNECTION_URL: urlAt(hole.port)}})
      expect(json(without).error).toMatchObject({code: 'connect_timeout'})
      expect(ec2.requests).toHaveLength(1)
    })
    hole.close()
  })

  it('asks AWS nothing where the server answers, be it with a refusal', async () => {
    await withFakeEc2([postgresRule], async ({ec2, env}) => {
      expect(
        await cli(['sessions', 'prod', '--open-sg'], {env: {...env, PROD_CONNECTION_URL: main.href}}),
      ).toMatchObject({exitCode: 0})
      const wrong = await cli(['sessions', 'prod', '--open-sg'], {
        env: {...env, PROD_CONNECTION_URL: main.href.replace(main.password, 'wrong')},
      })
      expect(wrong).toMatchObject({exitCode: 4, stderr: expect.stringContaining('refused the password') as string})
      expect(ec2.requests).toEqual([])
    })
  })
})
