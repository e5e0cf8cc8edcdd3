import {it} from 'vitest'
import {expectCompletion} from '../support/completion.js'

it('zsh completes commands, flags, their values, files and targets', () => expectCompletion('zsh'))
