// A process that makes entries in a book, while calls of its disk fail, and tells of each what came of it.
import type { OpenStore } from '@pair/testkit/torture'
import { enter, type Told } from './books.ts'

const [module = '', setting = '', book = '', count = ''] = process.argv.slice(2)
const { openStore } = (await import(module)) as { openStore: OpenStore }

const tell = (told: Told): void => console.log(JSON.stringify(told))

try {
  const { store, close } = await openStore(JSON.parse(setting) as never)
  for (let entry = 0; entry < Number(count); entry++)
    await enter(store, book, entry).then(
      () => tell({ entry, error: null }),
      (error: unknown) => tell({ entry, error: String(error) }),
    )
  await Promise.resolve(close()).catch(() => {})
} catch (error) {
  tell({ entry: null, error: String(error) })
}
