import type {PostgresClient} from '../connect/postgres-client.js'

/** `severity` is field V of a NoticeResponse, which is not translated. */
export type NoticeListener = (severity: string, text: string) => void

/** Reports notices of the server with detail and hint. Returns a function that stops it. */
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
      [
        `${severity ?? 'NOTICE'}: ${message ?? ''}`,
        ...(detail === undefined ? [] : [`DETAIL:  ${detail}`]),
        ...(hint === undefined ? [] : [`HINT:  ${hint}`]),
      ].join('\n'),
    )
  }
  client.on('notice', onNotice)
  return () => client.off('notice', onNotice)
}
