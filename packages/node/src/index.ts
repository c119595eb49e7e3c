export { startupBanner } from './banner.ts'
export type { BannerOptions } from './banner.ts'
export { reachableAddresses } from './addresses.ts'
export { attachUpgrade } from './attach-upgrade.ts'
export type {
  Connection,
  ConnectionHandlers,
  UpgradeOptions,
  UpgradeServer,
} from './attach-upgrade.ts'
export type { WsData, WsModule, WsServer, WsSocket } from './ws-types.ts'
export { startSweeping } from './sweeping.ts'
export type { SweepOptions } from './sweeping.ts'
