import type {Command} from '@oclif/core'
import ActivityCreate from './activity/create.js'
import ActivityDelete from './activity/delete.js'
import ActivityHome from './activity/home.js'
import ActivityUpdate from './activity/update.js'
import Cache from './cache.js'
import Completion from './completion.js'
import Connect from './connect.js'
import Create from './create.js'
import Doctor from './doctor.js'
import Drop from './drop.js'
import Dump from './dump.js'
import Init from './init.js'
import Migrate from './migrate.js'
import MigrateAdopt from './migrate/adopt.js'
import MigrateCheck from './migrate/check.js'
import MigrateDown from './migrate/down.js'
import MigrateNew from './migrate/new.js'
import MigrateStatus from './migrate/status.js'
import Protect from './protect.js'
import Pull from './pull.js'
import PullNew from './pull/new.js'
import Restore from './restore.js'
import SchemaDiff from './schema/diff.js'
import SchemaDump from './schema/dump.js'
import SchemaLoad from './schema/load.js'
import Seed from './seed.js'
import ServerStart from './server/start.js'
import ServerStatus from './server/status.js'
import ServerStop from './server/stop.js'
import Sessions from './sessions.js'
import SessionsKill from './sessions/kill.js'
import Setup from './setup.js'
import SgUpdate from './sg/update.js'
import Snapshot from './snapshot.js'
import SnapshotRestore from './snapshot/restore.js'
import Target from './target.js'
import Undo from './undo.js'
import Unprotect from './unprotect.js'
import Wait from './wait.js'

/** Every command by its id. Getters, since in the built program an import is loaded at its first use (scripts/bundle.js). */
export const commands: Readonly<Record<string, Command.Class>> = {
  get 'activity:create'() {
    return ActivityCreate
  },
  get 'activity:delete'() {
    return ActivityDelete
  },
  get 'activity:home'() {
    return ActivityHome
  },
  get 'activity:update'() {
    return ActivityUpdate
  },
  get cache() {
    return Cache
  },
  get completion() {
    return Completion
  },
  get connect() {
    return Connect
  },
  get create() {
    return Create
  },
  get doctor() {
    return Doctor
  },
  get drop() {
    return Drop
  },
  get dump() {
    return Dump
  },
  get init() {
    return Init
  },
  get migrate() {
    return Migrate
  },
  get 'migrate:adopt'() {
    return MigrateAdopt
  },
  get 'migrate:check'() {
    return MigrateCheck
  },
  get 'migrate:down'() {
    return MigrateDown
  },
  get 'migrate:new'() {
    return MigrateNew
  },
  get 'migrate:status'() {
    return MigrateStatus
  },
  get protect() {
    return Protect
  },
  get pull() {
    return Pull
  },
  get 'pull:new'() {
    return PullNew
  },
  get restore() {
    return Restore
  },
  get 'schema:diff'() {
    return SchemaDiff
  },
  get 'schema:dump'() {
    return SchemaDump
  },
  get 'schema:load'() {
    return SchemaLoad
  },
  get seed() {
    return Seed
  },
  get 'server:start'() {
    return ServerStart
  },
  get 'server:status'() {
    return ServerStatus
  },
  get 'server:stop'() {
    return ServerStop
  },
  get sessions() {
    return Sessions
  },
  get 'sessions:kill'() {
    return SessionsKill
  },
  get setup() {
    return Setup
  },
  get 'sg:update'() {
    return SgUpdate
  },
  get snapshot() {
    return Snapshot
  },
  get 'snapshot:restore'() {
    return SnapshotRestore
  },
  get target() {
    return Target
  },
  get undo() {
    return Undo
  },
  get unprotect() {
    return Unprotect
  },
  get wait() {
    return Wait
  },
}
