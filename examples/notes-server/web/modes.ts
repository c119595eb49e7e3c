/** The ways in that this page knows; a server may name others. */
export type AdmissionMode = 'code' | 'approval' | 'code+approval' | 'closed'

export const admissionModes: readonly { mode: AdmissionMode; title: string; text: string }[] = [
  {
    mode: 'code',
    title: 'With a code',
    text: 'Whoever has a good code comes in at once.',
  },
  {
    mode: 'approval',
    title: 'When you let it in',
    text: 'Whoever reaches this server may ask, and waits until you decide here. Codes are refused.',
  },
  {
    mode: 'code+approval',
    title: 'With a code, and when you let it in',
    text: 'Only who has a good code may ask, and waits until you decide here.',
  },
  {
    mode: 'closed',
    title: 'Not at all',
    text: 'Codes and requests are refused. Who is paired stays so.',
  },
]

export function isAdmissionMode(text: string): text is AdmissionMode {
  return admissionModes.some(({ mode }) => mode === text)
}
