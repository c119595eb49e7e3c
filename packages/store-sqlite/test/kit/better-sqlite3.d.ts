// it comes without types; libsql has its interface
declare module 'better-sqlite3' {
  const Database: typeof import('libsql')
  export default Database
}
