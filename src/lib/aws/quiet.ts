/**
 * Called before the SDK is loaded. It has no option for it: on Node 20 it would tell our users to upgrade.
 */
export function quietSdk(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
}
