import type {PostgresClient} from '../connect/postgres-client.js'

/** `severity` as the protocol names it in every language of the server: field V of a NoticeResponse. */
export type NoticeListener = (severity: string, text: string) => void

/** Tells what the server says beside its answers, each with its hint and detail; returns what stops it. */
export function watchNotices(client: PostgresClient, listener: NoticeListener): () => void {
  const onNotice = ({
    severity,
    message,
    detail,
    hint,
  }: {
    severity?: string
    message?: string
    detail?: string
    hint?: string
  }) => {
    listener(
      severity ?? 'NOTICE',
      [`${severity ?? 'NOTICE'}: ${message ?? ''}`, detail, hint].filter((part) => part !== undefined).join('\n  '),
    )
  }
  client.on('notice', onNotice)
  return () => client.off('notice', onNotice)
}
