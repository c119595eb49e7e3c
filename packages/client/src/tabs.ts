/** The other tabs of this page's origin. */
export interface Tabs {
  announce(): void
  close(): void
}

/** Hears when another tab signs in or out at the same server. In a process without pages there are no tabs. */
export function createTabs(name: string, onChange: () => void): Tabs {
  const isPage = typeof location !== 'undefined' && typeof BroadcastChannel !== 'undefined'
  let channel = isPage ? new BroadcastChannel(`pair:${name}`) : undefined
  if (channel) channel.onmessage = onChange
  return {
    announce: () => channel?.postMessage('changed'),
    close() {
      channel?.close()
      channel = undefined
    },
  }
}
