/** The build without native parts: it needs no worker and starts no process. */
declare module 'recheck/lib/browser.js' {
  export { checkSync } from 'recheck'
}
