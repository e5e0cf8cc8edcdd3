import {execFileSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import type {TestProject} from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the Nodes and npms that scripts/toolchains.js fetches. */
    toolchains: string
    /** npm's settings by which this machine reaches its registry, as environment variables. */
    registry: Record<string, string>
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Fetches the Nodes and npms, once for all test files. */
export default function setup(project: TestProject): void {
  const toolchains = execFileSync(process.execPath, ['scripts/toolchains.js'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  project.provide('toolchains', toolchains.trim())
  const settings = execFileSync('npm', ['config', 'get', 'registry', 'cafile'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  const pairs = settings
    .trim()
    .split('\n')
    .map((line) => line.split(/=(.*)/) as [string, string])
  project.provide(
    'registry',
    Object.fromEntries(
      pairs.filter(([, value]) => value !== 'null').map(([name, value]) => [`npm_config_${name}`, value]),
    ),
  )
}
