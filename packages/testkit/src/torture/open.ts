import type { OpenedStore, OpenStore } from './tortured-store.ts'

/** What the module of a store opens places with. @throws TypeError where it has no `openStore` */
export async function openerOf(
  module: string,
): Promise<(setting: unknown) => Promise<OpenedStore>> {
  const { openStore } = (await import(module)) as { openStore?: OpenStore }
  if (typeof openStore !== 'function')
    throw new TypeError(`${module} exports no \`openStore\`: export a function of that name`)
  return async (setting) => openStore(setting as never)
}

/** Opens a place with the module of its store. @throws TypeError where that has no `openStore` */
export async function openPlace(module: string, setting: unknown): Promise<OpenedStore> {
  return (await openerOf(module))(setting)
}
