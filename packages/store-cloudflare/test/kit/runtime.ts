/** How a Worker is run here. */
export const runtime: { modules: true; compatibilityDate: string } = {
  modules: true,
  compatibilityDate: '2026-07-01',
}
