import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {fileURLToPath} from 'node:url'
import {compare, goal, installed, shell} from '../measure.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const endpoint = fileURLToPath(new URL('../ec2.ts', import.meta.url))

/** `sg:update` that changes the rule, three requests, beside the AWS CLI's one, on an endpoint of this machine. */
export default async function sg() {
  if (!installed('aws')) return console.log('\nThe AWS CLI is not installed: sg:update is not compared with it.')
  // pyenv's aws is a script that looks for the real one.
  const aws = spawnSync('pyenv', ['which', 'aws'], {encoding: 'utf8'}).stdout?.trim() || 'aws'
  const server = spawn(process.execPath, ['--import', 'tsx', endpoint], {stdio: ['ignore', 'pipe', 'inherit']})
  try {
    const [line] = await once(server.stdout, 'data')
    const {url, groupId, ruleId} = JSON.parse(line)
    const env = {
      AWS: aws,
      NODE: process.execPath,
      PROGRAM: program,
      GROUP: groupId,
      RULE: ruleId,
      AWS_ENDPOINT_URL: url,
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'none',
      AWS_EC2_METADATA_DISABLED: 'true',
      DB_SG_ID: groupId,
      DB_SG_RULE_ID: ruleId,
    }
    // Another address each time, so that there is something to change.
    const address = '203.0.113.$(($$ % 250 + 1))'
    const ratios = compare('sg:update beside the AWS CLI', "the AWS CLI's one call", {
      "the AWS CLI's one call": shell(
        `"$AWS" --endpoint-url "$AWS_ENDPOINT_URL" ec2 modify-security-group-rules --group-id "$GROUP" --security-group-rules "SecurityGroupRuleId=$RULE,SecurityGroupRule={IpProtocol=tcp,FromPort=5432,ToPort=5432,CidrIpv4=${address}/32}"`,
        env,
      ),
      'sg:update': shell(`exec "$NODE" "$PROGRAM" sg:update --ip ${address}`, env),
    })
    goal('sg:update that changes the rule', ratios['sg:update'], 0.6)
  } finally {
    server.kill()
  }
}
