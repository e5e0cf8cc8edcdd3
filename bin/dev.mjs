#!/usr/bin/env -S npx tsx
// The commands as they stand in src/, without a build: bin/dev.mjs setup
import {createManifest} from '../scripts/manifest.js'
import {manifestOf, readPackage} from '../src/lib/cli/manifest.ts'
import {packageRoot} from '../src/lib/package-root.ts'
import {start} from '../src/lib/start/start.ts'
import * as program from '../src/program.ts'

const root = packageRoot()
const listed = await createManifest(root, './src/commands/index.ts')
const manifest = manifestOf(readPackage(root), Object.values(listed.commands))
start(process.argv.slice(2), {load: () => program, manifest})
