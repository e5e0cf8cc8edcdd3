// npm runs this at the end of `npm ci`, before `npm pack`, for a dependency from git, and without output before
// `npx cruddur-db` in a clone. In the last case an existing build is used as it is; `npm run build` updates it.
import {existsSync} from 'node:fs'

// The build writes these files last.
const built =
  existsSync(new URL('../oclif.manifest.json', import.meta.url)) &&
  existsSync(new URL('../dist/start.cjs', import.meta.url))
if (!(process.env.npm_command === 'exec' && built)) await import('./build.js')
