import {it} from 'vitest'
import {expectCompletion} from '../support/completion.js'

it('bash completes commands, flags, their values, files and targets', () => expectCompletion('bash'))
