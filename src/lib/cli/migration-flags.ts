import {Flags} from '@oclif/core'

/** Where the migrations are. */
export const dirFlag = {
  dir: Flags.string({
    description: 'The folder of the migrations. Default: the nearest sql/migrations.',
    helpValue: 'path',
  }),
}
