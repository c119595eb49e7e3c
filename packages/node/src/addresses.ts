import { networkInterfaces } from 'node:os'

type Interfaces = ReturnType<typeof networkInterfaces>

/**
 * The origins by which a server that listens on `host` and `port` is reached, loopback first. `0.0.0.0` and `::` stand
 * for every address of this machine.
 */
export function reachableAddresses(
  host: string,
  port: number,
  scheme: 'http' | 'https' = 'http',
  interfaces: Interfaces = networkInterfaces(),
): string[] {
  const toOrigin = (name: string): string =>
    new URL(`${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}`).origin
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  if (bare !== '0.0.0.0' && bare !== '::') return [toOrigin(bare)]
  const outside = Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .filter(
      (one) =>
        !one.internal && !isLinkLocal(one.address) && (bare === '::' || one.family === 'IPv4'),
    )
  // the short ones first: they are typed by hand
  const ordered = [
    ...outside.filter((one) => one.family === 'IPv4'),
    ...outside.filter((one) => one.family !== 'IPv4'),
  ]
  return [...new Set(['127.0.0.1', ...ordered.map((one) => one.address)])].map(toOrigin)
}

/** Is this the name or address by which a machine reaches only itself? */
export function isLoopbackHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return (
    bare === 'localhost' ||
    bare.endsWith('.localhost') ||
    bare === '::1' ||
    /^127\.\d+\.\d+\.\d+$/.test(bare)
  )
}

/** Such an address needs the name of an interface beside it, which other machines don't know. */
function isLinkLocal(address: string): boolean {
  return address.startsWith('169.254.') || /^fe[89ab]/i.test(address)
}
