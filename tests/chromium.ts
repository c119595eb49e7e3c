import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'

/** Where a Chromium is and how to start it quietly. */
export interface ChromiumLaunch {
  executablePath: string
  args: string[]
}

/** What to tell a person on whose machine no Chromium was found. */
export const chromiumMend = 'install Chromium or Chrome, or set CHROMIUM_PATH to its executable'

const quietArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const systemPaths: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  ],
}

/** Finds a Chromium: `CHROMIUM_PATH`, then one of the system, then the one that npm brought. */
export async function findChromium(): Promise<ChromiumLaunch | null> {
  const named = process.env['CHROMIUM_PATH']
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH names no file: ${named}`)
    return { executablePath: named, args: quietArgs }
  }
  const system = systemPaths[process.platform]?.find((path) => existsSync(path))
  if (system !== undefined) return { executablePath: system, args: quietArgs }
  return await chromiumFromNpm()
}

/** The package holds a Chromium for Linux x64 only; it unpacks itself into the temp folder. */
async function chromiumFromNpm(): Promise<ChromiumLaunch | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null
  try {
    createRequire(import.meta.url).resolve('@sparticuz/chromium')
  } catch {
    return null
  }
  const { default: chromium } = await import('@sparticuz/chromium')
  // not its own `args`: they switch the web's security off, which is what is tested here
  return { executablePath: await chromium.executablePath(), args: [...quietArgs, '--no-zygote'] }
}
