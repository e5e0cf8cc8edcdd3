import type {Style} from '../../text/style.js'
import type {MigrationPlan} from './plan.js'
export function renderPlan(_plan: MigrationPlan, _style: Style): string {
  return ''
}
