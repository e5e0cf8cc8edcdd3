// Run by the suite "sg" in a process of its own, since the benchmark waits for its children without turning its event loop.
import {ids, postgresRule} from '../support/aws.js'
import {startEc2} from '../support/ec2-endpoint.js'

const {url} = await startEc2(postgresRule)
process.stdout.write(`${JSON.stringify({url, ...ids})}\n`)
