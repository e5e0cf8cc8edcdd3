#!/usr/bin/env node
// CommonJS (package.json beside this), whose loader is there already when Node has started.
require('../dist/start.cjs').start(process.argv.slice(2))
