import { parseNoteText, type Notes } from './notes.ts'

/** The HTTP side of the notes, on Web requests and responses: any framework can mount it. */
export interface NotesApi {
  list(): Response
  /** `{text}` → 201 with the note. */
  add(request: Request, by: string): Promise<Response>
  remove(id: string): Response
}

const maxBodyBytes = 16_384

/** Notes over HTTP. Who may call what is decided before, by the guards. */
export function createNotesApi(notes: Notes): NotesApi {
  return {
    list: () =>
      Response.json({ items: notes.list() }, { headers: { 'cache-control': 'no-store' } }),
    async add(request, by) {
      const body = await readJson(request)
      const text = parseNoteText(
        typeof body === 'object' && body !== null && 'text' in body ? body.text : undefined,
      )
      if (text === null) return problem(400, 'Write a note of 1 to 2,000 characters.')
      return Response.json(notes.add(text, by), { status: 201 })
    },
    remove: (id) =>
      notes.remove(id) ? new Response(null, { status: 204 }) : problem(404, 'That note is gone.'),
  }
}

/** An answer in the shape of RFC 9457, as the routes of @pair give it. */
export function problem(status: number, detail: string): Response {
  return Response.json(
    { status, detail },
    { status, headers: { 'content-type': 'application/problem+json' } },
  )
}

/** `undefined` where the body is no JSON or too long. */
async function readJson(request: Request): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > maxBodyBytes) return undefined
    chunks.push(chunk)
  }
  try {
    return JSON.parse(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).text())
  } catch {
    return undefined
  }
}
