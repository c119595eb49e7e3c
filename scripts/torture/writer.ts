// A process that makes entries in a book, while calls of its disk fail, and tells of each what came of it.
import { existsSync } from 'node:fs'
import type { OpenedStore, OpenStore } from '@pair/testkit/torture'
import { enter, type Told } from './books.ts'

const [module = '', setting = '', book = '', count = '', mark = ''] = process.argv.slice(2)
const { openStore } = (await import(module)) as { openStore: OpenStore }

const tell = (entry: number | null, error: string | null): void => {
  const told: Told = { entry, error, struck: existsSync(mark) }
  console.log(JSON.stringify(told))
}

/** Once more where it failed: one call that failed is not the end of a process. */
async function open(): Promise<OpenedStore | null> {
  for (let tries = 0; tries < 2; tries++)
    try {
      return await openStore(JSON.parse(setting) as never)
    } catch (error) {
      tell(null, String(error))
    }
  return null
}

const opened = await open()
if (opened) {
  for (let entry = 0; entry < Number(count); entry++)
    await enter(opened.store, book, entry).then(
      () => tell(entry, null),
      (error: unknown) => tell(entry, String(error)),
    )
  await Promise.resolve(opened.close()).catch(() => {})
}
