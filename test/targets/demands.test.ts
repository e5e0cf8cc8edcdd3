import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {urlOf} from '../support/databases.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const service = join(temporaryFolder(), 'services')

/** What comes of asking the test server with the parameter: in the URL, in a service, in its variable. */
async function outcomes(parameter: string, variable: string): Promise<(string | undefined)[]> {
  await writeFile(service, `[here]\n${parameter}\n`)
  const [, value] = parameter.split('=')
  const url = urlOf('postgres')
  const all = [
    {CONNECTION_URL: `${url}?${parameter}`},
    {CONNECTION_URL: url, PGSERVICE: 'here', PGSERVICEFILE: service},
    {CONNECTION_URL: url, [variable]: value},
  ].map(async (env) => json(await cli(['wait', '--timeout', '1', '--json'], {env})).error?.code)
  return Promise.all(all)
}

const in3 = [undefined, undefined, undefined]
const unsupported = ['parameter_unsupported', 'parameter_unsupported', 'parameter_unsupported']

describe('a parameter that demands more than cruddur-db does', () => {
  it.each([
    ['gssencmode=require', 'PGGSSENCMODE', unsupported],
    ['gssencmode=always', 'PGGSSENCMODE', unsupported],
    ['gssencmode=prefer', 'PGGSSENCMODE', in3],
    ['gssencmode=disable', 'PGGSSENCMODE', in3],
    ['min_protocol_version=3.2', 'PGMINPROTOCOLVERSION', unsupported],
    ['min_protocol_version=latest', 'PGMINPROTOCOLVERSION', unsupported],
    ['min_protocol_version=3.0', 'PGMINPROTOCOLVERSION', in3],
    ['sslnegotiation=direct', 'PGSSLNEGOTIATION', ['sslmode_invalid', 'sslmode_invalid', 'sslmode_invalid']],
    ['sslnegotiation=postgres', 'PGSSLNEGOTIATION', in3],
    ['sslcrldir=/crls', 'PGSSLCRLDIR', ['url_invalid', 'service_file_invalid', 'parameter_unsupported']],
    ['requiressl=1', 'PGREQUIRESSL', ['url_invalid', 'service_file_invalid', 'tls_not_offered']],
    // On TCP it demands nothing.
    ['requirepeer=postgres', 'PGREQUIREPEER', ['url_invalid', 'service_file_invalid', undefined]],
    ['channel_binding=require', 'PGCHANNELBINDING', Array(3).fill('channel_binding_missing')],
    ['sslmode=require', 'PGSSLMODE', Array(3).fill('tls_not_offered')],
    ['target_session_attrs=standby', 'PGTARGETSESSIONATTRS', Array(3).fill('wait_timeout')],
    ['load_balance_hosts=always', 'PGLOADBALANCEHOSTS', Array(3).fill('load_balance_hosts_invalid')],
    ['sslcertmode=require', 'PGSSLCERTMODE', unsupported],
    ['sslcertmode=allow', 'PGSSLCERTMODE', in3],
    ['krbsrvname=postgres', 'PGKRBSRVNAME', in3],
    ['sslcompression=1', 'PGSSLCOMPRESSION', in3],
  ])('%s is honored or refused', async (parameter, variable, expected) => {
    expect(await outcomes(parameter, variable)).toEqual(expected)
  })

  it('is named, with its place', async () => {
    const env = {CONNECTION_URL: 'postgresql://u@/d?host=/run', PGREQUIREPEER: 'postgres'}
    const peer = await cli(['sessions'], {env})
    expect(peer).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('requirepeer in the variable PGREQUIREPEER is not supported') as string,
    })
    const {stderr} = await cli(['sessions'], {env: {CONNECTION_URL: 'postgresql://u@h/d?gssencmode=require'}})
    expect(stderr).toContain('gssencmode=require in the URL is not supported: cruddur-db cannot encrypt with GSSAPI.')
  })
})
