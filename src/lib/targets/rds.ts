/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Overview.Endpoints.html */
const rdsHost = /\.(?:([a-z]{2}(?:-[a-z]+)+-\d+)\.rds\.amazonaws\.com|rds\.(cn-[a-z]+-\d+)\.amazonaws\.com\.cn)$/i

/** Whether a host name belongs to Amazon RDS: an instance, an Aurora cluster or a proxy. */
export function isRdsHost(host: string): boolean {
  return rdsHost.test(host)
}

/** The AWS region in an RDS host name; undefined for other hosts. */
export function rdsRegion(host: string): string | undefined {
  const match = rdsHost.exec(host)
  return (match?.[1] ?? match?.[2])?.toLowerCase()
}
