import {it} from 'vitest'
import {expectCompletion} from '../support/completion.js'

it('fish completes commands, flags, their values, files and targets', () => expectCompletion('fish'))
