#!/usr/bin/env -S npx tsx
// The commands as they stand in src/, without a build: bin/dev.js setup
import {settings} from '@oclif/core'
import {main} from '../src/lib/start/main.ts'

settings.debug = true
process.env.NODE_ENV = 'development'
await main(import.meta.url)
