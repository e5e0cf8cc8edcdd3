/** What is used of @supabase/pg-delta. It is a file of its own in dist/, because few commands need it. */
export {buildFactBase, type Fact, type FactBase, type StableId} from '@supabase/pg-delta/core'
export {extract} from '@supabase/pg-delta/extract'
export {plan, type Action} from '@supabase/pg-delta/plan'
