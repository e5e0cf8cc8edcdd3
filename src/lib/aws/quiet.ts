/** Silences the SDK's warning about Node 20, for which it has no option. Call it before loading the SDK. */
export function quietSdk(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
}
