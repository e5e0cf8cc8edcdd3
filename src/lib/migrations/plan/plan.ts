import type {OperationContext} from '../../access/context.js'
import type {ScratchServer} from '../../dumps/file-schema.js'
import {StateError} from '../../errors.js'
import type {Migration} from '../migration.js'

export interface MigrationPlan {
  findings: {code: string}[]
}

export interface PlanOptions {
  cwd: string
  pending: readonly {migration: Migration; done: number}[]
  scratch: readonly ScratchServer[]
}

export function measurePlan(_options: PlanOptions, _context: OperationContext): Promise<MigrationPlan> {
  return Promise.reject(new StateError('not there yet', {code: 'stub'}))
}
