export type Child = Node | string | false | null | undefined

type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void) | undefined>>

/** An element from plain data. Text stays text; a function is a listener: `el('button', { onclick: save }, 'Save')`. */
export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key.replace(/^on/, ''), value)
    else if (value === true) element.setAttribute(key, '')
    else if (typeof value === 'string') element.setAttribute(key, value)
  }
  element.append(
    ...children.filter(
      (child): child is Node | string => child !== false && child !== null && child !== undefined,
    ),
  )
  return element
}

/** The element of that id, which the page is known to have. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`The page lacks #${id}`)
  return found
}

/** Puts these in place of what an element holds, and keeps the focus where it was, by id. */
export function show(parent: Element, ...children: readonly Child[]): void {
  const focused = document.activeElement?.id
  parent.replaceChildren(
    ...children.filter(
      (child): child is Node | string => child !== false && child !== null && child !== undefined,
    ),
  )
  if (focused) document.getElementById(focused)?.focus()
}
