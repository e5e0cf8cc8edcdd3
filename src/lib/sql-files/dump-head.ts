import {isSessionSetting} from '../sql-text/control.js'
import type {BufferPiece} from '../sql-text/pieces.js'

const signature = /-- Dumped (?:from|by)|PostgreSQL database dump/
const setting = /^set\s+(?:session\s+)?"?([\w.]+)"?/i

/**
 * The settings at the head of a dump, which a server that is older than pg_dump may not know: they change nothing that is
 * loaded.
 */
export class DumpHead {
  private readonly settings = new Map<BufferPiece, string>()
  private state: 'begin' | 'head' | 'ended' = 'begin'
  private files = 0

  /** Whether this is the first file of the run. */
  get isFirst(): boolean {
    return this.files === 1
  }

  /** Must be called before each file. */
  begin(): void {
    this.state = 'begin'
    this.files++
  }

  /** Must be called with each statement. Returns the name of the setting, if it is one of the head. */
  note(piece: BufferPiece): string | undefined {
    if (this.state === 'ended') return undefined
    const {bytes, start} = piece
    if (this.state === 'begin' && !signature.test(bytes.toString('latin1', 0, start))) this.state = 'ended'
    else this.state = isSessionSetting(piece) ? 'head' : 'ended'
    const name = this.state === 'head' ? setting.exec(bytes.toString('latin1', start))?.[1]?.toLowerCase() : undefined
    if (name !== undefined) this.settings.set(piece, name)
    return name
  }

  /** The setting that a statement changes, if it is one of the head. */
  settingOf(piece: BufferPiece): string | undefined {
    return this.settings.get(piece)
  }
}
